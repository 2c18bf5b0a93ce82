package kinesis

import (
	"bytes"
	"crypto/md5"

	"adtoorder/io/record"

	"google.golang.org/protobuf/encoding/protowire"
)

// corruptAggregate is record.Record.Damage of an aggregate whose checksum is another.
const corruptAggregate = "corrupt_kpl"

// aggregated begins what the Kinesis Producer Library has packed into one message: then
// follows a message of protobuf, and its checksum by MD5.
const aggregated = "\xf3\x89\x9a\xc2"

// takeApart appends the records of a message: those of each that a producer has packed
// into it, and what CloudWatch Logs has wrapped.
func (c *client) takeApart(into []record.Record, m record.Record) []record.Record {
	if !bytes.HasPrefix(m.Payload, []byte(aggregated)) {
		return c.unwrapped(into, m)
	}
	inner, ok := userRecords(m.Payload)
	if !ok {
		m.Damage = corruptAggregate
		return c.split.Append(into, m)
	}
	for _, payload := range inner {
		m.Payload, m.Size = payload, int64(len(payload))
		into = c.unwrapped(into, m)
	}
	return into
}

// The numbers of fields in the library's protobuf.
const (
	recordsField = 3 // of the aggregate, repeated
	dataField    = 3 // of each of these
)

// userRecords returns the payloads in an aggregate; false where it is damaged.
func userRecords(message []byte) (payloads [][]byte, ok bool) {
	end := len(message) - md5.Size
	if end < len(aggregated) {
		return nil, false
	}
	body := message[len(aggregated):end]
	if sum := md5.Sum(body); !bytes.Equal(sum[:], message[end:]) {
		return nil, false
	}
	ok = eachBytes(body, recordsField, func(one []byte) bool {
		var data []byte
		if !eachBytes(one, dataField, func(b []byte) bool { data = b; return true }) {
			return false
		}
		payloads = append(payloads, data)
		return true
	})
	return payloads, ok
}

// eachBytes calls a function with the values of a field of bytes, until that returns
// false. It returns false, too, where the message can't be read.
func eachBytes(message []byte, field protowire.Number, use func([]byte) bool) bool {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return false
		}
		message = message[n:]
		if number == field && kind == protowire.BytesType {
			value, n := protowire.ConsumeBytes(message)
			if n < 0 || !use(value) {
				return false
			}
			message = message[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
			return false
		}
		message = message[n:]
	}
	return true
}
