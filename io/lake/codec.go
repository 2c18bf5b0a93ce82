package lake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go" // reads and writes rows by struct tags, without cgo
	"github.com/parquet-go/parquet-go/compress/snappy"
)

// encode returns rows as the content of a file. The same rows give the same
// bytes, always.
func encode[T any](format string, rows []T) ([]byte, error) {
	if format == JSONL {
		return encodeJSONL(rows)
	}
	var file bytes.Buffer
	w := parquet.NewGenericWriter[T](&file, parquet.Compression(&snappy.Codec{}),
		parquet.CreatedBy("adtoorder", "1", ""))
	if _, err := w.Write(rows); err != nil {
		return nil, err
	}
	err := w.Close()
	return file.Bytes(), err
}

func encodeJSONL[T any](rows []T) ([]byte, error) {
	var file bytes.Buffer
	lines := json.NewEncoder(&file)
	lines.SetEscapeHTML(false)
	for _, row := range rows {
		if err := lines.Encode(row); err != nil {
			return nil, err
		}
	}
	return file.Bytes(), nil
}

// decode returns the rows of a file.
func decode[T any](format string, file []byte) (rows []T, err error) {
	if format == JSONL {
		return decodeJSONL[T](file)
	}
	defer func() { // the reader panics where a file is damaged
		if problem := recover(); problem != nil {
			rows, err = nil, fmt.Errorf("is no whole Parquet file: %v", problem)
		}
	}()
	in := parquet.NewGenericReader[T](bytes.NewReader(file))
	defer in.Close()
	rows = make([]T, in.NumRows())
	n, err := in.Read(rows)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if n < len(rows) {
		return nil, fmt.Errorf("has %d rows of %d", n, len(rows))
	}
	return rows, nil
}

func decodeJSONL[T any](file []byte) (rows []T, err error) {
	lines := json.NewDecoder(bytes.NewReader(file))
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
