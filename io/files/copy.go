package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"sync"

	"adtoorder/io/endpoint"

	"github.com/mattn/go-isatty"
)

// What can be read only once, or from its start alone, is copied to a temporary file: a
// run may read its input several times, and in ranges.

// StandardInput is the value that stands for standard input.
const StandardInput = "-"

// copies are the temporary files of this process.
var copies struct {
	sync.Mutex
	paths []string
	stdin *os.File // standard input, once it was read
}

// RemoveCopies removes the copies that Match has made. It is called when a process ends.
func RemoveCopies() (err error) {
	copies.Lock()
	defer copies.Unlock()
	for _, path := range copies.paths {
		err = errors.Join(err, os.Remove(path))
	}
	copies.paths = nil
	return err
}

// IsCopied reports whether a value names what is copied.
func IsCopied(value string) bool {
	return value == StandardInput || strings.HasPrefix(value, "https://") || strings.HasPrefix(value, "http://")
}

// Shown returns a value for a message: without what may be a secret in it.
func Shown(value string) string {
	if IsCopied(value) && value != StandardInput {
		return endpoint.Hide(value)
	}
	return value
}

// matchCopied copies what a value names.
func matchCopied(ctx context.Context, value string) (File, error) {
	if value == StandardInput {
		return copyStandardInput()
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "":
		return File{}, errors.New("must be https://HOST/PATH") // the error would repeat what may be a password
	case u.User != nil:
		return File{}, fmt.Errorf("https://%s: must hold no password; download the file, and give that", u.Host)
	case u.Scheme == "http" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1":
		return File{}, fmt.Errorf("http://%s: anyone on the way could change what is read; give https://", u.Host)
	}
	return download(ctx, u)
}

func copyStandardInput() (File, error) {
	copies.Lock()
	in, again := os.Stdin, copies.stdin == os.Stdin
	copies.stdin = os.Stdin
	copies.Unlock()
	if again {
		return File{}, errors.New("standard input (-) can be read once; give it once")
	}
	if isatty.IsTerminal(in.Fd()) {
		return File{}, errors.New("standard input (-) is a terminal; pipe records into it")
	}
	f, sum, err := copied(in)
	if err != nil {
		return f, fmt.Errorf("copying standard input: %w", err)
	}
	f.Path = "stdin:" + hex.EncodeToString(sum.Sum(nil)[:8])
	return f, nil
}

// download copies a file of a web server.
func download(ctx context.Context, u *url.URL) (File, error) {
	shown := *u // a query may hold a signature
	shown.RawQuery, shown.Fragment = "", ""
	name := shown.String()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", name, err)
	}
	request.Header.Set("Accept-Encoding", "identity") // what is compressed has its own size
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return File{}, fmt.Errorf("downloading %s: %w", name, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return File{}, fmt.Errorf("downloading %s: the server answers %s", name, answer.Status)
	}
	f, _, err := copied(answer.Body)
	if err != nil {
		return f, fmt.Errorf("downloading %s: %w", name, err)
	}
	if f.Path = name; u.RawQuery != "" {
		query := sha256.Sum256([]byte(u.RawQuery))
		f.Path += "?" + hex.EncodeToString(query[:4])
	}
	return f, nil
}

// copied copies a text to a temporary file, and returns its sum by SHA-256.
func copied(in io.Reader) (f File, sum hash.Hash, err error) {
	sum = sha256.New()
	file, err := spool(io.TeeReader(in, sum))
	if err != nil {
		return f, nil, err
	}
	copies.Lock()
	copies.paths = append(copies.paths, file.Name())
	copies.Unlock()
	info, err := file.Stat()
	if err = errors.Join(err, file.Close()); err != nil {
		return f, nil, err
	}
	return File{Copy: file.Name(), Size: info.Size()}, sum, nil
}

// place is where a file is read.
func (f File) place() string {
	if f.Copy != "" {
		return f.Copy
	}
	return f.Path
}

// name is what a file's name tells of its content.
func (f File) name() string {
	name, _, _ := strings.Cut(path.Base(f.Path), "?")
	return name
}
