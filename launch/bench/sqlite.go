package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// perTransaction is how many rows a bare insert commits together.
const perTransaction = 20_000

// openSQLite opens a file with parameters of the driver's.
func openSQLite(path, parameters string) (*sql.DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: parameters}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return db, nil
}

// bareInsert inserts the rows of all tables of one warehouse into a file that is
// not there yet, with the tables' schema and the engine's settings, by statements
// that merge nothing. The time is that of the inserts, from rows in memory, and of
// closing the file; without reading the rows.
func bareInsert(ctx context.Context, from, to string) (spent time.Duration, err error) {
	source, err := openSQLite(from, "mode=ro")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := openSQLite(to, "_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		return 0, err
	}
	target.SetMaxOpenConns(1)
	c := copying{source: source, target: target}
	err = c.tables(ctx)
	start := time.Now()
	err = errors.Join(err, target.Close())
	if err != nil {
		return 0, fmt.Errorf("inserting the rows of %s into %s: %w", from, to, err)
	}
	return c.spent + time.Since(start), nil
}

// copying copies tables, and adds up how long it inserts.
type copying struct {
	source, target *sql.DB
	spent          time.Duration
}

func (c *copying) tables(ctx context.Context) error {
	tables, err := c.source.QueryContext(ctx, "SELECT name, sql FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return err
	}
	defer tables.Close()
	for tables.Next() {
		var name, schema string
		if err := tables.Scan(&name, &schema); err != nil {
			return err
		}
		if _, err := c.target.ExecContext(ctx, schema); err != nil {
			return err
		}
		if err := c.table(ctx, name); err != nil {
			return err
		}
	}
	return tables.Err()
}

// table copies a table. No more rows than those of a transaction are in memory: what
// this process has at most counts in its children's peak, too.
func (c *copying) table(ctx context.Context, name string) error {
	rows, err := c.source.QueryContext(ctx, "SELECT * FROM "+name)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	insert := "INSERT INTO " + name + " VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	var batch [][]any
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if batch = append(batch, row); len(batch) < perTransaction {
			continue
		}
		if err := c.insert(ctx, insert, batch); err != nil {
			return err
		}
		batch = batch[:0]
	}
	return errors.Join(rows.Err(), c.insert(ctx, insert, batch))
}

// insert inserts rows in a transaction.
func (c *copying) insert(ctx context.Context, statement string, rows [][]any) error {
	start := time.Now()
	defer func() { c.spent += time.Since(start) }()
	tx, err := c.target.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // of no effect after a commit
	prepared, err := tx.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	defer prepared.Close()
	for _, row := range rows {
		if _, err := prepared.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
