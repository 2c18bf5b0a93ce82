//go:build integration

package main

import (
	"testing"

	"adtoorder/io/warehouseio/googlesql"
)

func TestBigQueryTakesTheViews(t *testing.T) {
	googleLake(t, parquetOrigin)
	server := startBigQuery(t)
	server.url = googlesql.Record(t, server.url)
	wants(t, toBigQuery(server, "EU"))
}
