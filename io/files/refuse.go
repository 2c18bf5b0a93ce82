package files

import (
	"bytes"
	"io"
	"strings"

	"adtoorder/io/compression"
)

// formats are what can't be read, and what to do about it, by first bytes. The first
// one that fits counts.
var formats = []struct{ magic, is, mend string }{
	{"\xff\xfe\x00\x00", "UTF-32 text", utf8Instead},
	{"\x00\x00\xfe\xff", "UTF-32 text", utf8Instead},
	{"\xff\xfe", "UTF-16 text", utf8Instead},
	{"\xfe\xff", "UTF-16 text", utf8Instead},
	{"{\x00", "UTF-16 text", utf8Instead},
	{"[\x00", "UTF-16 text", utf8Instead},
	{"\x00{", "UTF-16 text", utf8Instead},
	{"\x00[", "UTF-16 text", utf8Instead},
	{"PK\x03\x04", "a zip archive", "unpack it, and give the files in it"},
	{"PK\x05\x06", "a zip archive", "unpack it, and give the files in it"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it, and give the files in it"},
	{"Rar!\x1a\x07", "a rar archive", "unpack it, and give the files in it"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel file", "save it as text"},
	// The libraries that there are take some damaged files for shorter ones.
	{"\xfd7zXZ\x00", "compressed by xz", "compress it by gzip or zstd"},
	{"SQLite format 3\x00", "a database of SQLite", jsonInstead},
	{"\xf3\x89\x9a\xc2", "an aggregated record of Kinesis", "have what stores it split it into its records"},
	{"\x00", "binary, perhaps as a schema registry has it", jsonInstead},
}

const (
	utf8Instead = "write it as UTF-8 (iconv -t UTF-8)"
	jsonInstead = "write it as JSON, an object a line"
)

// unreadable says what a file is that begins with some bytes, and what to do, where it
// can't be read; otherwise "".
func unreadable(head []byte) string {
	const tarMagic, tarAt = "ustar", 257
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) && bytes.Contains(head, []byte("[Content_Types].xml")) {
		return "an Excel file: save it as text"
	}
	if len(head) > tarAt && bytes.HasPrefix(head[tarAt:], []byte(tarMagic)) {
		return "a tar archive: unpack it, and give the files in it"
	}
	if inUTF16(head) {
		return "UTF-16 text: " + utf8Instead
	}
	if bytes.HasPrefix(head, []byte("ORC")) && !compression.IsText(head) { // a table's first column may be ORCID
		return "an ORC file: " + jsonInstead
	}
	for _, f := range formats {
		if strings.HasPrefix(string(head[:min(len(head), compression.Sniffed)]), f.magic) {
			return f.is + ": " + f.mend
		}
	}
	return ""
}

// inUTF16 reports whether a start is ASCII in UTF-16, without a byte order mark.
func inUTF16(head []byte) bool {
	const enough = 8 // bytes
	isPair := func(c, zero byte) bool { return zero == 0 && (c >= ' ' && c <= '~' || c == '\t') }
	if len(head) < enough {
		return false
	}
	little, big := true, true
	for i := 0; i < enough; i += 2 {
		little = little && isPair(head[i], head[i+1])
		big = big && isPair(head[i+1], head[i])
	}
	return little || big
}

// compressionOf returns how a file is compressed that begins with some bytes, nil for
// plain text.
func compressionOf(path string, head []byte) *compression.Format {
	return compression.OfFile(path, head, unreadable(head) != "")
}

// unreadableWithin says the same of a file that may be compressed.
func unreadableWithin(how *compression.Format, head []byte) string {
	if how == nil {
		return unreadable(head)
	}
	in, err := how.Open(bytes.NewReader(head))
	if err != nil {
		return "" // the reader tells of it
	}
	defer in.Close()
	text := make([]byte, compression.Sniffed)
	n, _ := io.ReadFull(in, text) // of a start, which may be too short
	if again := compressionOf("", text[:n]); again != nil && n > 0 {
		return "compressed twice (" + how.Name + " of " + again.Name + "): uncompress it once"
	}
	if is := unreadable(text[:n]); is != "" {
		return is + " (within " + how.Name + ")"
	}
	return ""
}
