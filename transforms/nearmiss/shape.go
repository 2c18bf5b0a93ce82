package nearmiss

import "github.com/valyala/fastjson"

// A shape is known by fields that only records of one system have together. Its name is
// that of the map for them.
var shapes = []struct {
	name string
	has  [][]string // each a path of which one must be there
}{
	{"segment", [][]string{{"messageId"}, {"event"}, {"properties"}}},
	{"ga4", [][]string{{"event_name"}, {"event_timestamp"}, {"event_params", "items", "user_pseudo_id"}}},
	{"shopify", [][]string{{"line_items"}, {"discount_codes", "total_discounts", "subtotal_price"}}},
	{"woocommerce", [][]string{{"line_items"}, {"coupon_lines", "date_created_gmt", "meta_data"}}},
	{"snowplow", [][]string{{"collector_tstamp"}, {"event_id", "event"}}},
	{"cloudevents", [][]string{{"specversion"}, {"source"}, {"type"}}},
	{"debezium", [][]string{{"op"}, {"before", "after"}, {"source", "ts_ms"}}},
	{"debezium", [][]string{{"payload"}, {"schema"}}},
}

// shapeOf returns the name of the shape that a record has, "" where none is known.
func shapeOf(v *fastjson.Value) string {
	for _, s := range shapes {
		if hasAll(v, s.has) {
			return s.name
		}
	}
	return ""
}

func hasAll(v *fastjson.Value, fields [][]string) bool {
	for _, anyOf := range fields {
		found := false
		for _, name := range anyOf {
			found = found || v.Exists(name)
		}
		if !found {
			return false
		}
	}
	return true
}
