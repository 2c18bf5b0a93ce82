package warehouseio

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/bigquery/storage/managedwriter"
	"cloud.google.com/go/bigquery/storage/managedwriter/adapt"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Limits of what is on its way to BigQuery. A request may have 10 MB; of smaller
// ones less is sent again.
const (
	requestBytes  = 1 << 20
	inflightBytes = 16 << 20 // of a table in a process
)

// answerTime is how long an answer may take: a lost one comes no more.
var answerTime = time.Minute

// appendRows appends rows to a table, at least once, and returns by their places
// why some are refused: BigQuery then takes none of their request, which is sent
// again without them.
func appendRows[T any](ctx context.Context, b BigQuery, name string, rows []T) (map[int]string, error) {
	columns := table.Columns[T]()
	refused := map[int]string{}
	places, encoded, size := []int{}, [][]byte{}, 0
	flush := func() error {
		reasons, err := b.appendRequest(ctx, name, columns, encoded)
		for i, reason := range reasons {
			refused[places[i]] = reason
		}
		places, encoded, size = nil, nil, 0
		return err
	}
	for i := range rows {
		row := encode(columns, &rows[i])
		if size+len(row) > requestBytes && size > 0 {
			if err := flush(); err != nil {
				return refused, err
			}
		}
		places, encoded, size = append(places, i), append(encoded, row), size+len(row)
	}
	if len(encoded) == 0 {
		return refused, nil
	}
	return refused, flush()
}

// appendRequest sends rows until they are taken or refused.
func (b BigQuery) appendRequest(ctx context.Context, name string, columns []table.Column, rows [][]byte) (map[int]string, error) {
	refused := map[int]string{}
	err := b.retry(ctx, "appending to "+name, func(ctx context.Context) error {
		for {
			var places []int
			var left [][]byte
			for i, row := range rows {
				if _, is := refused[i]; !is {
					places, left = append(places, i), append(left, row)
				}
			}
			if len(left) == 0 {
				return nil
			}
			bad, err := b.appendOnce(ctx, name, columns, left)
			if err != nil || len(bad) == 0 {
				return err
			}
			for _, row := range bad {
				if row.Index < 0 || row.Index >= int64(len(places)) {
					return fmt.Errorf("a row error of row %d of %d: %s", row.Index, len(places), row.Message)
				}
				refused[places[row.Index]] = row.Message
			}
		}
	})
	return refused, err
}

// appendOnce sends rows once. It returns the rows for which BigQuery has taken
// none of them.
func (b BigQuery) appendOnce(ctx context.Context, name string, columns []table.Column, rows [][]byte) ([]*storagepb.RowError, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	stream, err := b.stream(ctx, name, columns)
	if err != nil {
		return nil, err
	}
	var answer *storagepb.AppendRowsResponse
	result, err := stream.AppendRows(ctx, rows)
	if err == nil {
		answer, err = result.FullResponse(ctx)
	}
	if bad := answer.GetRowErrors(); len(bad) > 0 {
		return bad, nil
	}
	if err != nil {
		// A request without an answer would hold its share of what may be on its way.
		b.drop(name, stream)
	}
	return nil, err
}

// stream returns this process's stream to a table: BigQuery's default one, which
// delivers at least once.
func (b BigQuery) stream(ctx context.Context, name string, columns []table.Column) (*managedwriter.ManagedStream, error) {
	c, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	openLock.Lock()
	defer openLock.Unlock()
	if s := c.streams[name]; s != nil {
		return s, nil
	}
	message, err := describe(columns)
	if err != nil {
		return nil, fmt.Errorf("describing table %s: %w", name, err)
	}
	s, err := c.writer.NewManagedStream(context.WithoutCancel(ctx),
		managedwriter.WithDestinationTable(managedwriter.TableParentFromParts(b.Project, b.Dataset, name)),
		managedwriter.WithType(managedwriter.DefaultStream),
		managedwriter.WithSchemaDescriptor(message),
		managedwriter.WithMaxInflightBytes(inflightBytes),
		managedwriter.EnableWriteRetries(false)) // retry does it, and tells of it
	if err == nil {
		c.streams[name] = s
	}
	return s, err
}

// drop closes a stream, so that the next request opens another.
func (b BigQuery) drop(name string, stream *managedwriter.ManagedStream) {
	openLock.Lock()
	defer openLock.Unlock()
	if c := open[b]; c != nil && c.streams[name] == stream {
		delete(c.streams, name)
		stream.Close() // its error is io.EOF
	}
}

// describe returns the message that a row is sent as: column i is field i+1.
func describe(columns []table.Column) (*descriptorpb.DescriptorProto, error) {
	schema, err := adapt.BQSchemaToStorageTableSchema(schemaOf(columns))
	if err != nil {
		return nil, err
	}
	message, err := adapt.StorageSchemaToProto2Descriptor(schema, "row")
	if err != nil {
		return nil, err
	}
	return adapt.NormalizeDescriptor(message.(protoreflect.MessageDescriptor))
}

// encode returns a row, given as a pointer, as such a message.
func encode(columns []table.Column, row any) (message []byte) {
	for i, c := range columns {
		message = appendField(message, i+1, reflect.ValueOf(c.Value(row)))
	}
	return message
}
