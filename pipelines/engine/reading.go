package engine

import (
	"adtoorder/pipelines/command"
	"adtoorder/transforms/event"
	"adtoorder/transforms/ledger"
	"adtoorder/transforms/mapping"
)

// utc is the zone of times that have none, where nothing else is said.
const utc = "UTC"

// parseReading checks the maps of both streams, and the zone.
func (o *Options) parseReading(f Flags) (err error) {
	if f.Timezone != "" && f.Timezone != utc {
		if _, err := mapping.Zone(f.Timezone); err != nil {
			return command.Refuse("timezone", f.Timezone, err.Error())
		}
		o.ReadClicks.Zone, o.ReadOrders.Zone = f.Timezone, f.Timezone
	}
	if o.ReadClicks.Map, err = parseMap("clicks_map", f.ClicksMap, mapping.Clicks); err != nil {
		return err
	}
	o.ReadOrders.Map, err = parseMap("orders_map", f.OrdersMap, mapping.Orders)
	return err
}

func parseMap(flag, name, stream string) (text string, err error) {
	if name == "" {
		return "", nil
	}
	if text, err = mapping.Read(name, stream); err != nil {
		return "", command.Refuse(flag, name, err.Error())
	}
	return text, nil
}

// reading returns how a stream's records are read.
func (o Options) reading(stream string) event.Reading {
	if stream == ledger.Clicks {
		return o.ReadClicks
	}
	return o.ReadOrders
}

// readingFlags are the flags that say how records are read, where they say anything; maps
// by a hash.
func (o Options) readingFlags() map[string]string {
	flags := map[string]string{}
	for flag, value := range map[string]string{"clicks_map": mapping.Hash(o.ReadClicks.Map),
		"orders_map": mapping.Hash(o.ReadOrders.Map), "timezone": o.ReadClicks.Zone} {
		if value != "" {
			flags[flag] = value
		}
	}
	if len(flags) == 0 {
		return nil
	}
	return flags
}
