package scenarios

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"adtoorder/pipelines/engine"
	"adtoorder/transforms/ledger"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// framedClicks are ten clicks and framedOrders three orders of 39.98, as JSON objects.
func framedClicks() (all []string) {
	for i := range 10 {
		all = append(all, fmt.Sprintf(`{"EventId": "E%d", "UserId": "U1", "Device": "mobile", "Event": "P1", `+
			`"EventType": "Promotion", "Timestamp": "2026-11-01T00:00:0%dZ"}`, i, i))
	}
	return all
}

func framedOrders() (all []string) {
	for i := range 3 {
		all = append(all, fmt.Sprintf(`{"OrderId": "O%d", "UserId": "U1", "Timestamp": "2026-11-01T00:00:0%dZ", `+
			`"OrderLines": [{"ItemId": "I1", "Promotion": "P1", "UnitPrice": 19.99, "Quantity": 2}]}`, i, i))
	}
	return all
}

// pretty writes objects over lines.
func pretty(object string) string {
	return strings.NewReplacer("{", "{\n  ", ", ", ",\n  ", "}", "\n}", "[", "[\n    ").Replace(object)
}

func each(all []string, write func(string) string) (written []string) {
	for _, one := range all {
		written = append(written, write(one))
	}
	return written
}

// framings write objects as files have them. Each of them is also compressed.
var framings = map[string]func([]string) string{
	"a line each":            func(all []string) string { return strings.Join(all, "\n") + "\n" },
	"CRLF":                   func(all []string) string { return strings.Join(all, "\r\n") },
	"CR":                     func(all []string) string { return strings.Join(all, "\r") },
	"two on a line":          func(all []string) string { return all[0] + strings.Join(all[1:], "\n") },
	"without anything":       func(all []string) string { return strings.Join(all, "") },
	"an array on a line":     func(all []string) string { return "[" + strings.Join(all, ", ") + "]" },
	"an array, a line each":  func(all []string) string { return "[\n" + strings.Join(all, ",\n") + "\n]\n" },
	"a pretty array":         func(all []string) string { return "[\n" + strings.Join(each(all, pretty), ",\n") + "]" },
	"pretty":                 func(all []string) string { return strings.Join(each(all, pretty), "\n") },
	"record separators":      func(all []string) string { return "\x1e" + strings.Join(all, "\n\x1e") + "\n" },
	"blank lines":            func(all []string) string { return "\n\n  \n\t\n" + strings.Join(all, "\n \n") },
	"a byte order mark":      func(all []string) string { return "\ufeff" + strings.Join(all, "\n") },
	"an object within texts": func(all []string) string { return strings.Join(each(all, quoted), "\n") },
}

func quoted(object string) string { return fmt.Sprintf("%q", object) }

// framed writes files and returns flags that read them.
func framed(t *testing.T, runner, name, clicks, orders string) engine.Flags {
	t.Helper()
	f := place(t, runner)
	dir := t.TempDir()
	f.Clicks, f.Orders = []string{filepath.Join(dir, "clicks", name)}, []string{filepath.Join(dir, "orders", name)}
	for path, content := range map[string]string{f.Clicks[0]: clicks, f.Orders[0]: orders} {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return f
}

// assertFramed checks what a run of the ten clicks and three orders gives, beside so
// many malformed clicks.
func assertFramed(t *testing.T, f engine.Flags, malformed int64) {
	t.Helper()
	got, err := start(t, f)
	require.NoError(t, err)
	assertTotal(t, 10, 3, 3*39_980_000, got.Promotions["P1"])
	var bad int64
	for entry, n := range got.Ledger {
		if entry.Outcome == ledger.Malformed {
			bad += n
		}
	}
	assert.Equal(t, malformed, bad, "malformed: %v", got.Ledger)
}

func TestFramings(t *testing.T) {
	for name, write := range framings {
		t.Run(name, func(t *testing.T) {
			clicks, orders := write(framedClicks()), write(framedOrders())
			assertFramed(t, framed(t, "direct", "a.jsonl", clicks, orders), 0)
			assertFramed(t, framed(t, "prism", "a.jsonl", clicks, orders), 0)
			assertFramed(t, framed(t, "direct", "a", packed(t, "gzip", clicks), packed(t, "gzip", orders)), 0)
		})
	}
}

// A broken piece costs itself, and its reject says where it stands.
func TestABrokenPieceCostsItself(t *testing.T) {
	all := framedClicks()
	clicks := all[0] + all[1] + "\n" + `{"EventId": "E` + "\n" + all[2] + `oops` + all[3] + `{"EventId": ` + "\n" +
		"[" + strings.Join(all[4:8], ",") + `, 17, ` + all[8] + "]\n" + `{"EventId": "E9", "Ev` + all[9]
	for _, runner := range []string{"direct", "prism"} {
		f := framed(t, runner, "a.jsonl", clicks, strings.Join(framedOrders(), ""))
		assertFramed(t, f, 5)
		for _, r := range inWarehouse(t, f).Rejects {
			var at int
			_, err := fmt.Sscan(r.Position, &at)
			require.NoError(t, err)
			assert.True(t, strings.HasPrefix(clicks[at:], string(r.Payload)), "%s at %d", r.Payload, at)
		}
	}
}

// packed returns a compressed text.
func packed(t *testing.T, how, text string) string {
	t.Helper()
	var file bytes.Buffer
	var w io.WriteCloser
	switch how {
	case "gzip":
		w = gzip.NewWriter(&file)
	case "zstd":
		zw, err := zstd.NewWriter(&file)
		require.NoError(t, err)
		w = zw
	case "lz4":
		w = lz4.NewWriter(&file)
	case "snappy":
		w = s2.NewWriter(&file, s2.WriterSnappyCompat())
	default:
		return text
	}
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return file.String()
}

// Whatever a file's name, its first bytes tell what it is.
func TestCompressionIsToldByContent(t *testing.T) {
	clicks, orders := strings.Join(framedClicks(), "\n"), strings.Join(framedOrders(), "\n")
	for _, test := range []struct{ name, how string }{
		{"PUT-S3-1-2024-04-23-10-02-19-92887eac", "gzip"}, {"C.JSON.GZ", "gzip"}, {"c.zstd", "zstd"}, {"c", "zstd"},
		{"c.lz4", "lz4"}, {"c.sz", "snappy"}, {"c.json.gz", ""}, {"c.json.bz2", "zstd"},
	} {
		for _, runner := range []string{"direct", "prism"} {
			t.Run(test.name+" "+test.how+" "+runner, func(t *testing.T) {
				f := framed(t, runner, test.name, packed(t, test.how, clicks), packed(t, test.how, orders))
				assertFramed(t, f, 0)
			})
		}
	}
}

func TestWhatCantBeReadIsRefusedByName(t *testing.T) {
	inUTF16 := "\xff\xfe"
	for _, c := range utf16.Encode([]rune(framedClicks()[0])) {
		inUTF16 += string([]byte{byte(c), byte(c >> 8)})
	}
	for content, want := range map[string]string{
		inUTF16:              "UTF-16 text: write it as UTF-8",
		"PK\x03\x04\x14\x00": "a zip archive: unpack it",
		"ORC\x15\x04":        "an ORC file: write it as JSON",
		"\xf3\x89\x9a\xc2\n": "an aggregated record of Kinesis",
		"\xfd7zXZ\x00\x00":   "compressed by xz: compress it by gzip or zstd",
	} {
		f := framed(t, "direct", "c.jsonl", content, "")
		_, err := engine.Parse(t.Context(), f)
		assert.ErrorContains(t, err, f.Clicks[0]+" can't be read, since it is "+want)
		assert.NotContains(t, err.Error(), "give a file")
	}
}
