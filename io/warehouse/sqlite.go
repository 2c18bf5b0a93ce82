package warehouse

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"adtoorder/io/table"

	_ "modernc.org/sqlite" // SQLite without cgo, so that workers can be cross-compiled
)

// SQLite is a database file.
type SQLite struct{ Path string }

// String implements Warehouse.
func (w SQLite) String() string { return "sqlite:" + w.Path }

var (
	handles     = map[string]*sql.DB{}
	handlesLock sync.Mutex
)

// busyTimeout is how long a writer waits for another process's, in ms.
const busyTimeout = 30_000

// DB returns this process's handle of the warehouse, which is opened at the
// first call and stays open. It has one connection, so that a process never
// waits for its own lock.
func (w SQLite) DB() (*sql.DB, error) {
	handlesLock.Lock()
	defer handlesLock.Unlock()
	if db := handles[w.Path]; db != nil {
		return db, nil
	}
	if err := os.MkdirAll(filepath.Dir(w.Path), 0o755); err != nil {
		return nil, fmt.Errorf("opening warehouse %s: %w", w.Path, err)
	}
	options := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout), "journal_mode(WAL)", "synchronous(NORMAL)"}}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: w.Path, RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("opening warehouse %s: %w", w.Path, err)
	}
	db.SetMaxOpenConns(1)
	handles[w.Path] = db
	return db, nil
}

// Lag implements Warehouse: with a writer that waits for another.
func (SQLite) Lag() time.Duration { return time.Minute }

// Close closes this process's handle, which also folds the write-ahead log into
// the file.
func (w SQLite) Close() error {
	handlesLock.Lock()
	defer handlesLock.Unlock()
	db := handles[w.Path]
	if db == nil {
		return nil
	}
	delete(handles, w.Path)
	return db.Close()
}

// Origin implements Warehouse.
func (w SQLite) Origin(ctx context.Context) (table.Origin, error) {
	var origin table.Origin
	err := w.transact(ctx, func(tx *sql.Tx) error {
		var text string
		err := tx.QueryRowContext(ctx, "SELECT origin FROM origin").Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(text), &origin)
	})
	return origin, err
}

// SetOrigin implements Warehouse.
func (w SQLite) SetOrigin(ctx context.Context, origin table.Origin) error {
	text, err := json.Marshal(origin)
	if err != nil {
		return err
	}
	return w.transact(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM origin"); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO origin VALUES (?)", string(text))
		return err
	})
}

// transact runs a function in a transaction that holds the write lock from its
// begin, so that it never fails halfway for a lock.
func (w SQLite) transact(ctx context.Context, do func(*sql.Tx) error) error {
	db, err := w.DB()
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
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
	return nil
}
