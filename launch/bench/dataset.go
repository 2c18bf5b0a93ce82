package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"adtoorder/pipelines/generate/traffic"
)

// dataset is a directory with a file of clicks and one of orders.
type dataset struct {
	title string
	dir   string
	traffic.Options
}

// datasets are 5 hours of clean traffic on 40 promotions: 12,000 result rows.
func datasets(o options) []dataset {
	plain := traffic.Defaults()
	plain.Clicks, plain.Orders = o.clicks, o.orders
	plain.Span, plain.Promotions, plain.OtherClicks = 5*time.Hour, 40, 0
	ids := plain
	ids.EventIDs = true
	return []dataset{
		{"clicks without ids", filepath.Join(o.work, "without_ids"), plain},
		{"clicks with ids", filepath.Join(o.work, "with_ids"), ids},
	}
}

func (d dataset) clicks() string { return filepath.Join(d.dir, traffic.ClicksFile) }
func (d dataset) orders() string { return filepath.Join(d.dir, traffic.OrdersFile) }

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
	say("generating %d %s and %d orders in %s", d.Clicks, d.title, d.Orders, d.dir)
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
