package message

import (
	"bytes"
	"io"

	"adtoorder/io/compression"
)

// unpack returns the text of a compressed message, or why it can't be read.
func unpack(how *compression.Format, message []byte) (text []byte, damage string) {
	in, err := how.Open(bytes.NewReader(message))
	if err != nil {
		return nil, how.Damage()
	}
	defer in.Close()
	const usually = 4 // bytes of text that a compressed one holds
	into := bytes.NewBuffer(make([]byte, 0, min(usually*len(message), MaxText)+bytes.MinRead))
	n, err := into.ReadFrom(io.LimitReader(in, MaxText+1))
	switch {
	case n > MaxText:
		return nil, TooLong
	case err != nil:
		return nil, how.Damage()
	}
	return into.Bytes(), ""
}
