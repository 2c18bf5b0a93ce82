package nearmiss

import (
	"strings"
	"testing"

	"adtoorder/transforms/ledger"

	"github.com/stretchr/testify/assert"
)

func TestDraft(t *testing.T) {
	for name, c := range map[string]struct {
		stream  string
		records string // a line each
		want    []string
	}{
		"ours":        {ledger.Clicks, `{"Event":"P1","EventType":"Promotion","Timestamp":"x"}`, nil},
		"none":        {ledger.Clicks, "", nil},
		"no objects":  {ledger.Clicks, "x\n[1]", nil},
		"another map": {ledger.Clicks, `{"messageId":"1","event":"x","properties":{}}`, nil},
		"orders":      {ledger.Clicks, `{"OrderId":"1","OrderLines":[{"Promotion":"x"}]}`, nil},
		"most": {ledger.Clicks, strings.Join([]string{
			`{"ts":1,"name":"promo_click","data":{"campaign":"P1","visitorId":7}}`,
			`{"ts":2,"name":"promo_view","data":{"campaign":"P2"}}`, `{"at":3,"name":"promo_click"}`}, "\n"), []string{
			"time: ts # in 2 of 3 records", "type: name", "promotion: data.campaign # in 2 of 3 records",
			"user: data.visitorId # in 1 of 3 records", "types: [promo_click, promo_view]"}},
		"no type": {ledger.Clicks, `{"time":1,"promo":"P1"}`, []string{"time: time", "promotion: promo",
			"where: all # or which records are clicks on promotions, such as where: {name: value}"}},
		"nothing known": {ledger.Orders, `{"x":1}`, []string{
			"# time: nothing comes close; which of the fields is it?",
			"# lines: nothing comes close; which of the fields is it?",
			"# promotion: nothing comes close; which of the fields is it?",
			"# quantity: nothing comes close; which of the fields is it?",
			"# price: nothing comes close; which of the fields is it?"}},
		"our own rows": {ledger.Orders, `{"OrderId":"1","Timestamp":"x","Promotion":"P","UnitPrice":1,"Quantity":1}`, nil},
		"rows": {ledger.Orders, `{"OrderId":"1","Timestamp":"x","Promotion":"P","UnitPrice":1,"Qty":1}`, []string{
			"rows: lines", "quantity: Qty"}},
		"an order": {ledger.Orders, `{"order_no":1,"created_at":1,"basket":[{"qty":1,"price":1}],"voucher":"V","line":{}}`,
			[]string{"id: order_no", "time: created_at", "lines: basket", "promotion: voucher", "quantity: line.qty",
				"price: line.price"}},
		"awkward names": {ledger.Clicks, `{"EventType":"Promotion","event time":1,"line":{"promo":"1"}}`,
			[]string{`time: "[\"event time\"]"`, "promotion: $.line.promo"}},
	} {
		t.Run(name, func(t *testing.T) {
			var payloads [][]byte
			for line := range strings.SplitSeq(c.records, "\n") {
				payloads = append(payloads, []byte(line))
			}
			assert.Equal(t, c.want, Draft(c.stream, payloads))
		})
	}
}
