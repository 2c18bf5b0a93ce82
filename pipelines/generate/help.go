package main

const about = `
Generate writes random clicks and orders to files, one JSON object a line, or
publishes them to live destinations.`

var examples = []string{
	"go run ./pipelines/generate --clicks 1000000 --orders 80000 --span 24h --late 0.02 --duplicates 0.01 " +
		"--malformed 0.001",
	"go run ./pipelines/generate --clicks kafka://localhost:9092/clicks --orders kafka://localhost:9092/orders " +
		"--rate 1000",
	"go run ./pipelines/generate --clicks 'watch:in/clicks-*' --orders 'watch:in/orders-*' --rate max --duration 1h " +
		"--every 1m",
}

const notes = `
A share is a number from 0 to 1, of the clicks and of the orders.

A destination is one of

  kafka://HOST:PORT/TOPIC[?...]                 a topic, which must be there; messages have the user as key
  kinesis://STREAM?region=REGION[&endpoint=URL] a stream, which must be there
  pubsub://PROJECT/TOPIC[?endpoint=HOST:PORT]   a topic, which must be there
  folder:DIR                                    files DIR/clicks-<UTC time>.jsonl and DIR/orders-<UTC time>.jsonl,
                                                each whole when it appears and named after its period's start
  watch:DIR/GLOB[?every=10s]                    the same, by the URI that the engine reads; every= goes before --every

Either both of --clicks and --orders are destinations, or none. Records are then
sent in real time, with event times that are now, until --duration is over or an
interruption, which is no error. With --rate max the arrivals of --duration are
simulated and sent as fast as possible. They begin at --start, or end now. Kafka
messages have the arrival as timestamp, files the end of their period as
modification time. Kinesis and Pub/Sub set times themselves: there they are those
of sending.`
