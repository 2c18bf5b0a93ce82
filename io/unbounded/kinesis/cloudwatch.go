package kinesis

import (
	"bytes"
	"encoding/json"

	"adtoorder/io/record"
)

// envelope is how CloudWatch Logs hands on what was logged, within gzip.
type envelope struct {
	MessageType string     `json:"messageType"`
	LogEvents   []logEvent `json:"logEvents"`
}

type logEvent struct {
	Message string `json:"message"`
}

// The types of envelopes. A control message only says that there is a stream.
const (
	dataMessage    = "DATA_MESSAGE"
	controlMessage = "CONTROL_MESSAGE"
)

// wrapping begins an envelope: CloudWatch Logs has its fields in one order.
const wrapping = `{"messageType":`

// unwrapped appends the records of a message. In place of an envelope of CloudWatch Logs
// come the records in its messages.
func (c *client) unwrapped(into []record.Record, m record.Record) []record.Record {
	from := len(into)
	into = c.split.Append(into, m)
	for i := from; i < len(into); i++ {
		if bytes.HasPrefix(into[i].Payload, []byte(wrapping)) {
			return c.unwrap(into[:i:i], into[i:], m)
		}
	}
	return into
}

// unwrap appends records, and what envelopes among them hold.
func (c *client) unwrap(into, found []record.Record, m record.Record) []record.Record {
	for _, r := range found {
		var e envelope
		isOne := bytes.HasPrefix(r.Payload, []byte(wrapping)) && r.Size == int64(len(r.Payload)) &&
			json.Unmarshal(r.Payload, &e) == nil
		switch {
		case isOne && e.MessageType == controlMessage:
		case isOne && e.MessageType == dataMessage:
			for _, event := range e.LogEvents {
				m.Payload = []byte(event.Message)
				m.Size = int64(len(m.Payload))
				into = c.split.Append(into, m)
			}
		default:
			into = append(into, r)
		}
	}
	return into
}
