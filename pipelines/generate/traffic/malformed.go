package traffic

import "strings"

// malformation is a way for a line to be no record. In its line, $time stands
// for a valid timestamp and $id for an id that no valid record has.
type malformation struct {
	name string
	line string
}

var malformedClicks = []malformation{
	{"not JSON", `click by U1 on P601`},
	{"truncated", `{"UserId":"U1","Device":"mobile","Event":"P6`},
	{"array", `[601,"$time"]`}, // one of objects holds records
	{"invalid UTF-8", "{\"UserId\":\"U\xff\xfe\",\"Device\":\"mobile\",\"Event\":\"P601\",\"EventType\":\"Promotion\",\"Timestamp\":\"$time\"}"},
	{"wrong type", `{"UserId":"U1","Device":"mobile","Event":601,"EventType":"Promotion","Timestamp":"$time"}`},
	{"no Timestamp", `{"UserId":"U1","Device":"mobile","Event":"P601","EventType":"Promotion"}`},
	{"unparsable Timestamp", `{"UserId":"U1","Device":"mobile","Event":"P601","EventType":"Promotion","Timestamp":"yesterday"}`},
	{"year out of range", `{"UserId":"U1","Device":"mobile","Event":"P601","EventType":"Promotion","Timestamp":"1969-12-31T23:59:59.999Z"}`},
	{"no Event", `{"UserId":"U1","Device":"mobile","EventType":"Promotion","Timestamp":"$time"}`},
}

var malformedOrders = []malformation{
	{"not JSON", `order $id by U1`},
	{"truncated", `{"OrderId":"$id","UserId":"U1","Timestamp":"$time","OrderLines":[{"ItemId":"I1","Promo`},
	{"array", `[601,"$id","$time"]`},
	{"invalid UTF-8", "{\"OrderId\":\"$id\",\"UserId\":\"U\xff\xfe\",\"Timestamp\":\"$time\",\"OrderLines\":[{\"ItemId\":\"I1\",\"Promotion\":\"P601\",\"UnitPrice\":19.99,\"Quantity\":1}]}"},
	{"wrong type", `{"OrderId":"$id","UserId":"U1","Timestamp":"$time","OrderLines":[{"ItemId":"I1","Promotion":601,"UnitPrice":19.99,"Quantity":1}]}`},
	{"no Timestamp", `{"OrderId":"$id","UserId":"U1","OrderLines":[{"ItemId":"I1","Promotion":"P601","UnitPrice":19.99,"Quantity":1}]}`},
	{"unparsable Timestamp", `{"OrderId":"$id","UserId":"U1","Timestamp":"yesterday","OrderLines":[{"ItemId":"I1","Promotion":"P601","UnitPrice":19.99,"Quantity":1}]}`},
	{"year out of range", `{"OrderId":"$id","UserId":"U1","Timestamp":"1969-12-31T23:59:59.999Z","OrderLines":[{"ItemId":"I1","Promotion":"P601","UnitPrice":19.99,"Quantity":1}]}`},
	{"no OrderLines", `{"OrderId":"$id","UserId":"U1","Timestamp":"$time"}`},
	orderLineMalformation("no Quantity", `"UnitPrice":19.99`),
	orderLineMalformation("negative Quantity", `"UnitPrice":19.99,"Quantity":-1`),
	orderLineMalformation("fractional Quantity", `"UnitPrice":19.99,"Quantity":1.5`),
	orderLineMalformation("no UnitPrice", `"Quantity":1`),
	orderLineMalformation("negative UnitPrice", `"UnitPrice":-19.99,"Quantity":1`),
	orderLineMalformation("NaN UnitPrice", `"UnitPrice":NaN,"Quantity":1`),
	// Each factor fits into 64 bits of micros, the product does not.
	orderLineMalformation("overflow", `"UnitPrice":9000000000000,"Quantity":9000000`),
}

func orderLineMalformation(name, amounts string) malformation {
	return malformation{name, `{"OrderId":"$id","UserId":"U1","Timestamp":"$time","OrderLines":[{"ItemId":"I1","Promotion":"P601",` + amounts + `}]}`}
}

func (m malformation) appendTo(buf []byte, id, timestamp string) []byte {
	return append(buf, strings.NewReplacer("$id", id, "$time", timestamp).Replace(m.line)...)
}
