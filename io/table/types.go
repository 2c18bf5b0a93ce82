package table

import (
	"bytes"
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Time is an instant in milliseconds since the Unix epoch. It is a timestamp in
// Parquet, and RFC 3339 text in UTC in SQL and JSON.
type Time int64

// UTC returns the time as Go has it.
func (t Time) UTC() time.Time { return time.UnixMilli(int64(t)).UTC() }

// String returns the time as RFC 3339 text in UTC.
func (t Time) String() string { return t.UTC().Format(time.RFC3339Nano) }

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) { return t.String(), nil }

// Scan implements sql.Scanner.
func (t *Time) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("a time is %T, want text", value)
	}
	return t.UnmarshalText([]byte(text))
}

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. The end of the last window
// of the year 9999 is in the year 10000.
func (t *Time) UnmarshalText(text []byte) error {
	short, beyond := bytes.CutPrefix(text, []byte("10000-"))
	if beyond {
		text = append([]byte("0000-"), short...)
	}
	at, err := time.Parse(time.RFC3339, string(text))
	if beyond {
		at = at.AddDate(10000, 0, 0)
	}
	*t = Time(at.UnixMilli())
	return err
}

// Bytes is text that may be broken. It is a byte array in Parquet. SQL holds it
// as text where it is UTF-8, as a blob where it is not. JSON holds it as a
// string; where it is not UTF-8, as a data URL in base64 (RFC 2397).
type Bytes []byte

const dataURL = "data:;base64,"

// PayloadSize returns how many bytes rows hold in columns of Bytes.
func PayloadSize[T any](columns []Column, rows []T) (size int) {
	for _, c := range columns {
		if c.Kind != Binary {
			continue
		}
		for i := range rows {
			size += len(c.field(&rows[i]).Bytes())
		}
	}
	return size
}

// Value implements driver.Valuer.
func (b Bytes) Value() (driver.Value, error) { return b.driverValue(), nil }

func (b Bytes) driverValue() driver.Value {
	if utf8.Valid(b) {
		return string(b)
	}
	return []byte(b)
}

// Scan implements sql.Scanner.
func (b *Bytes) Scan(value any) error {
	switch v := value.(type) {
	case string:
		*b = Bytes(v)
	case []byte:
		*b = bytes.Clone(v)
	default:
		return fmt.Errorf("a payload is %T, want text or a blob", value)
	}
	return nil
}

// MarshalJSON implements json.Marshaler.
func (b Bytes) MarshalJSON() ([]byte, error) {
	text := string(b)
	if !utf8.Valid(b) || bytes.HasPrefix(b, []byte(dataURL)) {
		text = dataURL + base64.StdEncoding.EncodeToString(b)
	}
	return json.Marshal(text)
}

// UnmarshalJSON implements json.Unmarshaler.
func (b *Bytes) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	encoded, isURL := strings.CutPrefix(text, dataURL)
	if !isURL {
		*b = Bytes(text)
		return nil
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	*b = decoded
	return err
}
