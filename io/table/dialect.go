package table

// Dialect is how a warehouse or a catalog says in SQL what views need. Expressions
// name columns by their table's alias, as in r.clicks: in BigQuery a bare one that is
// called like its table would be the table.
type Dialect interface {
	// Name is the name of a table or view, as an item of FROM.
	Name(of string) string
	// Rows is a table's rows, merged, as an item of FROM: those whose keys meet a
	// condition on r, or all for "".
	Rows(t Table, condition string) string
	// Date is the UTC date of a time.
	Date(time string) string
	// Float is a number as a floating-point one.
	Float(number string) string
	// Sum adds up integers without an overflow.
	Sum(integers string) string
}
