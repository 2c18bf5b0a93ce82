package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"adtoorder/pipelines/generate/traffic"
)

// dataset is a directory with a file of clicks and one of orders.
type dataset struct {
	title string
	dir   string
	traffic.Options
	long bool // one of history, not of the short form
	// series is what there is more of from one data set to the next, "" where this
	// one stands alone.
	series string
	goals  goals
}

func (d dataset) clicks() string { return filepath.Join(d.dir, traffic.ClicksFile) }
func (d dataset) orders() string { return filepath.Join(d.dir, traffic.OrdersFile) }
func (d dataset) records() int   { return d.Clicks + d.Orders }

// manifest says what a data set was generated from, and what came out.
type manifest struct {
	Traffic                traffic.Options
	ClickBytes, OrderBytes int64
}

func (d dataset) manifestPath() string { return filepath.Join(d.dir, "manifest.json") }

// manifest describes the files that are there, as if they came from d.Options.
func (d dataset) manifest() (manifest, error) {
	clicks, err := os.Stat(d.clicks())
	if err != nil {
		return manifest{}, err
	}
	orders, err := os.Stat(d.orders())
	if err != nil {
		return manifest{}, err
	}
	return manifest{d.Options, clicks.Size(), orders.Size()}, nil
}

// ensure generates the files, unless the manifest beside them says that they
// come from equal options and have their full sizes.
func (d dataset) ensure(say sayer) error {
	ready, err := d.ready()
	if err != nil || ready {
		return err
	}
	say("generating %s in %s: %d clicks and %d orders", d.title, d.dir, d.Clicks, d.Orders)
	g, err := traffic.New(d.Options)
	if err != nil {
		return err
	}
	// First of all the manifest goes: there is none beside half a data set.
	if err := os.Remove(d.manifestPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, _, err := g.WriteDir(d.dir); err != nil {
		return err
	}
	m, err := d.manifest()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("describing %s: %w", d.dir, err)
	}
	return os.WriteFile(d.manifestPath(), text, 0o644)
}

func (d dataset) ready() (bool, error) {
	stored, err := os.ReadFile(d.manifestPath())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	m, err := d.manifest()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	want, err := json.MarshalIndent(m, "", "  ")
	return bytes.Equal(stored, want), err
}

// load reads the files, so that the system has them in memory for whoever comes first.
func (d dataset) load() error {
	for _, path := range []string{d.clicks(), d.orders()} {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
	}
	return nil
}
