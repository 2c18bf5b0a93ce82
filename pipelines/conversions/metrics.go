package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"adtoorder/io/progress"
	"adtoorder/pipelines/command"

	"github.com/prometheus/client_golang/prometheus" // the reference client
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveMetrics serves /metrics on localhost for as long as the program runs.
func serveMetrics(port int) error {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return command.Refuse("metrics_port", port, fmt.Sprintf("must be a free port, or 0 for none: %v", err))
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		metrics{})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	go (&http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}).Serve(listener)
	return nil
}

// metrics shows what package progress counts.
type metrics struct{}

var (
	recordsRead    = prometheus.NewDesc("adtoorder_records_read_total", "Records that sources have emitted.", nil, nil)
	rejected       = prometheus.NewDesc("adtoorder_rejects_total", "Records that could not be used.", nil, nil)
	windowsWritten = prometheus.NewDesc("adtoorder_windows_written_total",
		"Windows that something was written of.", nil, nil)
	outcomes = prometheus.NewDesc("adtoorder_outcomes_total",
		"Records by what became of them; duplicates are among the counted ones.", []string{"stream", "outcome"}, nil)
	nearMisses = prometheus.NewDesc("adtoorder_near_misses_total",
		"Records with a field or value that comes close to a wanted one, of those that were looked at.",
		[]string{"stream", "miss"}, nil)
	lookedAt = prometheus.NewDesc("adtoorder_looked_at_total",
		"Records that were looked at for near misses.", []string{"stream"}, nil)
	watermark = prometheus.NewDesc("adtoorder_watermark_seconds",
		"Watermark of a live partition, since the Unix epoch.", []string{"stream", "partition"}, nil)
)

// Describe implements prometheus.Collector.
func (metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{recordsRead, rejected, windowsWritten, outcomes, nearMisses, lookedAt,
		watermark} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (metrics) Collect(out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(recordsRead, prometheus.CounterValue, float64(progress.Records.Load()))
	out <- prometheus.MustNewConstMetric(rejected, prometheus.CounterValue, float64(progress.Rejects.Load()))
	out <- prometheus.MustNewConstMetric(windowsWritten, prometheus.CounterValue, float64(progress.Windows()))
	progress.Outcomes(func(stream, outcome string, records int64) {
		out <- prometheus.MustNewConstMetric(outcomes, prometheus.CounterValue, float64(records), stream, outcome)
	})
	looked, misses := progress.Misses()
	for stream, records := range looked {
		out <- prometheus.MustNewConstMetric(lookedAt, prometheus.CounterValue, float64(records), stream)
	}
	for m, records := range misses {
		out <- prometheus.MustNewConstMetric(nearMisses, prometheus.CounterValue, float64(records), m.Stream, m.What)
	}
	progress.Watermarks(func(stream, partition string, ms int64) {
		out <- prometheus.MustNewConstMetric(watermark, prometheus.GaugeValue, float64(ms)/1000, stream, partition)
	})
}
