package message

import (
	"strings"
	"testing"
	"time"

	"adtoorder/io/record"

	"github.com/stretchr/testify/assert"
)

// However broken a long message is, it is read in time.
func TestBrokenMessagesTakeTheirTime(t *testing.T) {
	for _, piece := range []string{"{", `{"`, `{"a":[`, `{"a":"`, `"{`, "{\n", "{\"a\n", `[{"a":1,`,
		"{\"a\":{\n", `{\"`,
		"{}x", `{"a":"\"{`, "}{", "[", "{\"a\":1}\n{", `"`, "{\"a\": x\n  {\"b\":", ` "a":"{`, "{x\n {x", "\"\n{"} {
		var s Splitter
		began := time.Now()
		s.Split(nil, record.Record{Payload: []byte(`{"a":` + strings.Repeat(piece, (1<<20)/len(piece)))})
		assert.Less(t, time.Since(began), 5*time.Second, "%q", piece)
		t.Logf("%q: %v", piece, time.Since(began))
	}
}
