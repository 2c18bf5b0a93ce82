package bigquery

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery/storage/managedwriter"
)

// inflightBytes is how much may be on its way to a table from a process.
const inflightBytes = 16 << 20

// writer is this process's stream to a table: BigQuery's default one, which delivers
// at least once. Its client is its own, since one that finds no connection is stuck
// until it is cancelled.
type writer struct {
	dataset Warehouse
	table   string
	busy    chan struct{}                // of one element, held while the stream is opened or dropped
	stream  *managedwriter.ManagedStream // nil if there is none
	end     func()                       // ends stream and client
}

// writer returns the process's writer to a table.
func (b Warehouse) writer(ctx context.Context, name string) (*writer, error) {
	c, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	openedLock.Lock()
	defer openedLock.Unlock()
	w := c.writers[name]
	if w == nil {
		w = &writer{dataset: b, table: name, busy: make(chan struct{}, 1)}
		c.writers[name] = w
	}
	return w, nil
}

// openTimeout is how long a stream may take to open: its client tries in silence.
var openTimeout = 10 * time.Second

// open returns the stream, which is opened if there is none.
func (w *writer) open(ctx context.Context, columns []table.Column) (*managedwriter.ManagedStream, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	select {
	case w.busy <- struct{}{}:
		defer func() { <-w.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if w.stream != nil {
		return w.stream, nil
	}
	message, err := describe(columns)
	if err != nil {
		return nil, fmt.Errorf("describing table %s: %w", w.table, err)
	}
	lifetime, end := context.WithCancel(context.WithoutCancel(ctx))
	opened := context.AfterFunc(ctx, end)
	client, err := w.dataset.writeClient(lifetime)
	if err != nil {
		end()
		return nil, w.dataset.explain(findingCredentials, err)
	}
	stream, err := client.NewManagedStream(lifetime,
		managedwriter.WithDestinationTable(
			managedwriter.TableParentFromParts(w.dataset.Project, w.dataset.Dataset, w.table)),
		managedwriter.WithType(managedwriter.DefaultStream),
		managedwriter.WithSchemaDescriptor(message),
		managedwriter.WithMaxInflightBytes(inflightBytes),
		managedwriter.EnableWriteRetries(false)) // retry does it, and tells of it
	if opened() && err == nil {
		w.stream, w.end = stream, func() {
			end() // before Close, which waits for a connection that is being made
			stream.Close()
			client.Close() // their errors are io.EOF, or tell of the end
		}
		return stream, nil
	}
	end()
	client.Close()
	if ctx.Err() != nil {
		err = ctx.Err() // and not that what was opened was cancelled
	}
	return nil, err
}

// drop ends a stream, so that the next request opens another.
func (w *writer) drop(stream *managedwriter.ManagedStream) {
	w.busy <- struct{}{}
	defer func() { <-w.busy }()
	if w.stream == stream {
		go w.end()
		w.stream, w.end = nil, nil
	}
}

// close ends the stream, if there is one.
func (w *writer) close() {
	w.busy <- struct{}{}
	defer func() { <-w.busy }()
	if w.stream != nil {
		w.end()
		w.stream, w.end = nil, nil
	}
}
