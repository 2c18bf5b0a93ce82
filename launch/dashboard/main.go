// Dashboard serves a page of charts on a warehouse: see --help, or the README.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"

	"adtoorder/launch/dashboard/query"
	"adtoorder/launch/dashboard/web"
	"adtoorder/pipelines/command"
)

func main() { command.Main(run) }

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("dashboard", flag.ContinueOnError)
	warehouse := flags.String("warehouse", "sqlite:out/warehouse.db",
		"what to show: `sqlite:FILE` or bigquery://PROJECT/DATASET, which is only read, also while the engine writes")
	listen := flags.String("listen", "localhost:8080", "`address` to serve the page at; port 0 for a free one")
	return command.Program{
		Name:     "dashboard",
		About:    "Dashboard serves a page of charts on a warehouse, and follows it as it grows.",
		Examples: []string{"go run ./launch/dashboard --warehouse sqlite:out/warehouse.db"},
		Flags:    flags,
		Groups:   []command.Group{{Title: "Flags", Flags: []string{"warehouse", "listen"}}},
		Run:      func(ctx context.Context, c command.Call) error { return serve(ctx, *warehouse, *listen, c.Out) },
	}.Execute(ctx, args, out, errs)
}

// serve serves the page until the context ends.
func serve(ctx context.Context, warehouse, listen string, out io.Writer) error {
	w, err := query.Open(warehouse)
	if err != nil {
		return command.AsUnusable(err)
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return command.Refuse("listen", listen, fmt.Sprintf("must be a free HOST:PORT, or localhost:0 for any: %v",
			err))
	}
	fmt.Fprintf(out, "The dashboard of %s is at http://%s\n", warehouse, address(listen, l))
	return web.New(ctx, warehouse, w).Serve(ctx, l)
}

// address is what a browser on this machine reaches a listener by.
func address(listen string, l net.Listener) string {
	host, _, _ := net.SplitHostPort(listen)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
