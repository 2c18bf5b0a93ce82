package bigquery

import (
	"context"
	"fmt"
	"time"

	"adtoorder/io/table"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
)

// requestBytes is how large a request may be. BigQuery takes 10 MB; of smaller ones
// less is sent again.
const requestBytes = 1 << 20

// answerTimeout is how long an answer may take: a lost one comes no more.
var answerTimeout = time.Minute

// Write implements warehouse.Warehouse: it appends rows, at least once. Where some are
// refused BigQuery takes none of their request, which is sent again without them. Rows
// that can't be streamed into their partition are inserted.
func (b Warehouse) Write(ctx context.Context, to table.Table, rows []any) (map[int]string, error) {
	columns := to.Columns
	refused := map[int]string{}
	streamed := &request{limit: len(rows), send: func(r *request) (map[int]string, error) {
		return b.appendRequest(ctx, to.Name, columns, r.messages)
	}}
	inserted := &request{limit: insertedRows, send: func(r *request) (map[int]string, error) {
		return b.insert(ctx, to.Name, columns, r.rows)
	}}
	for i, row := range rows {
		by := streamed
		if reason := beyond(columns, row); reason != "" {
			refused[i] = reason
			continue
		}
		if !streamable(columns, to.Time, row, time.Now()) {
			by = inserted
		}
		if err := by.add(i, row, encode(columns, row), refused); err != nil {
			return refused, err
		}
	}
	for _, r := range []*request{streamed, inserted} {
		if err := r.flush(refused); err != nil {
			return refused, err
		}
	}
	return refused, nil
}

// request are rows that are sent together.
type request struct {
	limit    int // rows
	send     func(*request) (refused map[int]string, err error)
	rows     []any // pointers to them
	places   []int // theirs among all rows
	messages [][]byte
	size     int // bytes
}

// add adds a row, after those were sent with which it would be too large.
func (r *request) add(place int, row any, message []byte, refused map[int]string) error {
	if len(r.rows) > 0 && (r.size+len(message) > requestBytes || len(r.rows) == r.limit) {
		if err := r.flush(refused); err != nil {
			return err
		}
	}
	r.rows, r.places = append(r.rows, row), append(r.places, place)
	r.messages, r.size = append(r.messages, message), r.size+len(message)
	return nil
}

// flush sends what there is, and notes by their places why rows are refused.
func (r *request) flush(refused map[int]string) error {
	if len(r.rows) == 0 {
		return nil
	}
	reasons, err := r.send(r)
	for i, reason := range reasons {
		refused[r.places[i]] = reason
	}
	r.rows, r.places, r.messages, r.size = nil, nil, nil, 0
	return err
}

// appendRequest sends rows until they are taken or refused.
func (b Warehouse) appendRequest(
	ctx context.Context, name string, columns []table.Column, rows [][]byte,
) (map[int]string, error) {
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
func (b Warehouse) appendOnce(
	ctx context.Context, name string, columns []table.Column, rows [][]byte,
) ([]*storagepb.RowError, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	w, err := b.writer(ctx, name)
	if err != nil {
		return nil, err
	}
	stream, err := w.open(ctx, columns)
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
		w.drop(stream)
	}
	return nil, err
}
