package traffic

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// A strict reading of the two record shapes, independent of the writing.

type clickJSON struct {
	EventId   *string
	UserId    string
	Device    string
	Event     string
	EventType string
	Timestamp string
}

type orderJSON struct {
	OrderId    string
	UserId     string
	Timestamp  string
	OrderLines []lineJSON
}

type lineJSON struct {
	ItemId    string
	Promotion *string
	UnitPrice *float64
	Quantity  *int64
}

func parseClick(payload []byte) (c clickJSON, at time.Time, err error) {
	if err := unmarshal(payload, &c); err != nil {
		return c, at, err
	}
	if at, err = parseTimestamp(c.Timestamp); err != nil {
		return c, at, err
	}
	if c.UserId == "" || c.Device == "" || c.EventType == "" || c.Event == "" {
		return c, at, fmt.Errorf("empty field in %+v", c)
	}
	return c, at, nil
}

func parseOrder(payload []byte) (o orderJSON, at time.Time, err error) {
	if err := unmarshal(payload, &o); err != nil {
		return o, at, err
	}
	if at, err = parseTimestamp(o.Timestamp); err != nil {
		return o, at, err
	}
	if o.OrderId == "" || o.UserId == "" || len(o.OrderLines) == 0 {
		return o, at, fmt.Errorf("empty field in %+v", o)
	}
	for _, l := range o.OrderLines {
		if err := l.check(); err != nil {
			return o, at, err
		}
	}
	return o, at, nil
}

func (l lineJSON) check() error {
	switch {
	case l.ItemId == "" || l.Promotion == nil:
		return errors.New("no ItemId or Promotion")
	case l.Quantity == nil:
		return errors.New("no Quantity")
	case *l.Quantity < 1:
		return errors.New("Quantity below 1")
	case l.UnitPrice == nil:
		return errors.New("no UnitPrice")
	case *l.UnitPrice < 0:
		return errors.New("UnitPrice below 0")
	case *l.UnitPrice*1e6 >= math.MaxInt64:
		return errors.New("UnitPrice alone overflows")
	case *l.UnitPrice*1e6*float64(*l.Quantity) >= math.MaxInt64:
		return errors.New("revenue overflows")
	}
	return nil
}

func unmarshal(payload []byte, record any) error {
	if !utf8.Valid(payload) {
		return errors.New("invalid UTF-8")
	}
	return json.Unmarshal(payload, record)
}

func parseTimestamp(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, errors.New("no Timestamp")
	}
	at, err := time.Parse("2006-01-02T15:04:05.000Z", text)
	if err == nil && at.Year() < 1970 {
		err = errors.New("before 1970")
	}
	return at, err
}
