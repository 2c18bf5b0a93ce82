// Package sqlite keeps a warehouse in a SQLite file, whose rows are merged where they
// are written.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"adtoorder/io/warehouse"

	_ "modernc.org/sqlite" // SQLite without cgo, so that workers can be cross-compiled
)

const scheme = "sqlite"

func init() {
	warehouse.RegisterBackend(warehouse.Backend{Scheme: scheme, Usage: "sqlite:FILE", Open: open})
}

func open(uri string) (warehouse.Warehouse, error) {
	path := strings.TrimPrefix(uri, scheme+":")
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, errors.New("is a directory; give sqlite:FILE, which need not exist yet")
	}
	return Warehouse{path}, nil
}

// Warehouse is a database file.
type Warehouse struct{ Path string }

// String implements warehouse.Warehouse.
func (w Warehouse) String() string { return scheme + ":" + w.Path }

// ID implements warehouse.Warehouse.
func (w Warehouse) ID() string { return w.Path }

// File implements warehouse.Warehouse.
func (w Warehouse) File() string { return w.Path }

var (
	handles     = map[string]*handle{}
	handlesLock sync.Mutex
)

// busyTimeout is how long a writer waits for another process's.
const busyTimeout = 30 * time.Second

// Lag implements warehouse.Warehouse: with a writer that waits for another.
func (Warehouse) Lag() time.Duration { return time.Minute }

// DB returns this process's handle of the warehouse, which is opened at the
// first call and stays open. It has one connection, so that a process never
// waits for its own lock.
func (w Warehouse) DB() (*sql.DB, error) {
	h, err := w.handle()
	if err != nil {
		return nil, err
	}
	return h.DB, nil
}

func (w Warehouse) handle() (*handle, error) {
	handlesLock.Lock()
	defer handlesLock.Unlock()
	if h := handles[w.Path]; h != nil {
		return h, nil
	}
	if err := os.MkdirAll(filepath.Dir(w.Path), 0o755); err != nil {
		return nil, fmt.Errorf("opening warehouse %s: %w", w.Path, err)
	}
	db, err := w.connect(url.Values{"_txlock": {"immediate"}}, busyTimeout, pragmas...)
	if err != nil {
		return nil, fmt.Errorf("opening warehouse %s: %w", w.Path, err)
	}
	db.SetMaxOpenConns(1)
	h := &handle{DB: db}
	handles[w.Path] = h
	return h, nil
}

// connect returns a handle of the file.
func (w Warehouse) connect(options url.Values, busy time.Duration, pragmas ...string) (*sql.DB, error) {
	options["_pragma"] = append([]string{fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds())}, pragmas...)
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: w.Path, RawQuery: options.Encode()}
	return sql.Open("sqlite", dsn.String())
}

// Close closes this process's handle, which also folds the write-ahead log into
// the file.
func (w Warehouse) Close() error {
	handlesLock.Lock()
	defer handlesLock.Unlock()
	h := handles[w.Path]
	if h == nil {
		return nil
	}
	delete(handles, w.Path)
	return h.close()
}

// transact runs a function in a transaction that holds the write lock from
// BEGIN on, so that it can't fail halfway over a lock.
func (w Warehouse) transact(ctx context.Context, do func(*sql.Tx) error) error {
	h, err := w.handle()
	if err != nil {
		return err
	}
	tx, err := h.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("warehouse %s: %w", w.Path, err)
	}
	err = do(tx)
	if err == nil {
		err = tx.Commit()
	} else {
		err = errors.Join(err, tx.Rollback())
	}
	if err != nil {
		return fmt.Errorf("warehouse %s: %w", w.Path, err)
	}
	h.foldSoon()
	return nil
}
