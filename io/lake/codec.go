package lake

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"adtoorder/io/table"

	"github.com/parquet-go/parquet-go" // reads and writes columns by struct tags, without cgo
	"github.com/parquet-go/parquet-go/compress/snappy"
)

// rowsPerGroup is how many rows of a Parquet file share statistics, by which a reader
// of one promotion leaves out the rest.
const rowsPerGroup = 10_000

// encode returns rows as the content of a file. The same rows give the same
// bytes, always.
func encode[T any](format string, rows []T) ([]byte, error) {
	if format == JSONL {
		return encodeJSONL(rows)
	}
	var content bytes.Buffer
	w := parquet.NewGenericWriter[T](&content, parquet.Compression(&snappy.Codec{}),
		parquet.MaxRowsPerRowGroup(rowsPerGroup), parquet.CreatedBy("adtoorder", "1", ""))
	if _, err := w.Write(rows); err != nil {
		return nil, err
	}
	err := w.Close()
	return content.Bytes(), err
}

func encodeJSONL[T any](rows []T) ([]byte, error) {
	var content bytes.Buffer
	lines := json.NewEncoder(&content)
	lines.SetEscapeHTML(false)
	for _, row := range rows {
		if err := lines.Encode(row); err != nil {
			return nil, err
		}
	}
	return content.Bytes(), nil
}

// decode returns the rows of a file. T may have some of its columns only: others are
// not read.
func decode[T any](format string, content []byte) ([]T, error) {
	if format == JSONL {
		return decodeJSONL[T](content)
	}
	return decodeParquet[T](content)
}

func decodeJSONL[T any](content []byte) (rows []T, err error) {
	lines := json.NewDecoder(bytes.NewReader(content))
	for {
		var row T
		if err := lines.Decode(&row); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}

// times returns the values of a column of times.
func times(format string, content []byte, column string) (all []table.Time, err error) {
	if format != JSONL {
		return timesOfParquet(content, column)
	}
	rows, err := decodeJSONL[map[string]json.RawMessage](content)
	for _, row := range rows {
		var t table.Time
		if err := json.Unmarshal(row[column], &t); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, err
}
