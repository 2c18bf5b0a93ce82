package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRejectsComeThroughTheirCoder(t *testing.T) {
	for _, want := range []RejectRow{
		{Stream: "clicks", Source: "kafka:clicks/0", Position: "17", Time: -1, Outcome: "malformed",
			Reason: "not_json_object", Payload: []byte("\xff\x00{"), Cut: true},
		{Payload: []byte{}},
	} {
		wire := encodeReject(want)
		got, err := decodeReject(wire)
		require.NoError(t, err)
		assert.Equal(t, want, got)
		for n := range wire {
			_, err := decodeReject(wire[:n])
			assert.ErrorIs(t, err, errShortReject, n)
		}
		_, err = decodeReject(append(wire, 0))
		assert.Error(t, err)
	}
}
