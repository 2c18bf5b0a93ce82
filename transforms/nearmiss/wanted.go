package nearmiss

// wanted is a field that is looked for.
type wanted struct {
	field    string // in the engine's own shape
	key      string // in a map
	plain    string // the field's plain name
	synonyms []string
	fits     func(field) bool // whether a value could be one of the field
	mayLack  bool             // a record counts where the field is empty
	ofLine   bool             // an order's line has it
}

func want(field, key string, fits func(field) bool, synonyms ...string) wanted {
	return wanted{field: field, key: key, plain: plain(field), fits: fits, synonyms: synonyms}
}

// optional returns the field as one without which a record counts.
func (w wanted) optional() wanted {
	w.mayLack = true
	return w
}

// line returns the field as one of an order's line.
func (w wanted) line() wanted {
	w.ofLine = true
	return w
}

// The fields that are looked for. Synonyms are plain names, the most likely first.
var (
	clickID = want("EventId", "id", field.isScalar, "clickid", "id", "messageid", "eventuuid", "uuid", "insertid",
		"recordid").optional()
	clickType = want("EventType", "type", field.isText, "type", "eventname", "event", "action", "kind",
		"eventcategory", "eventaction", "category", "name")
	clickPromotion = want("Event", "promotion", field.isScalar, promotionNames...)
	recordTime     = want("Timestamp", "time", field.isScalar, "time", "eventtime", "eventtimestamp", "ts",
		"createdat", "occurredat", "orderdate", "orderedat", "placedat", "processedat", "createdtime", "createtime",
		"datetime", "clickedat", "date", "datecreated", "originaltimestamp", "servertime", "sentat", "receivedat")
	recordUser = want("UserId", "user", field.isScalar, "user", "customerid", "visitorid", "memberid", "accountid",
		"uid", "clientid", "anonymousid", "userpseudoid", "customer").optional()
	orderID = want("OrderId", "id", field.isScalar, "ordernumber", "orderno", "orderref", "ordername",
		"transactionid", "purchaseid", "id", "messageid", "uuid").optional()
	orderLines = want("OrderLines", "lines", field.isList, "line", "lineitem", "orderitem", "item", "product",
		"cartitem", "basket", "cart", "position", "content", "entry", "orderproduct")
	linePromotion = want("Promotion", "promotion", field.isScalar, promotionNames...).optional().line()
	linePrice     = want("UnitPrice", "price", field.isScalar, "price", "itemprice", "priceperunit", "productprice",
		"unitcost", "unitamount", "amount", "cost", "total").line()
	lineQuantity = want("Quantity", "quantity", field.isScalar, "qty", "count", "unit", "amount", "piece",
		"itemcount", "number", "ordered").line()
)

var promotionNames = []string{"promotionid", "promotion", "promoid", "promocode", "promo", "promotioncode",
	"promotionname", "promoname", "couponcode", "coupon", "discountcode", "campaignid", "campaign", "campaignname",
	"utmcampaign", "adid", "ad", "creativeid", "creative", "offerid", "offer", "bannerid", "banner", "voucher"}
