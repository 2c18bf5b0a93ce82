package engine

import "adtoorder/io/table"

// Dataset is what the lake holds of one kind of rows.
type Dataset struct {
	Name    string // of its folder
	Columns []table.Column
}

// Datasets lists what a run writes to the lake, for those who register it in a
// catalog. The columns are those of the row structs.
func Datasets() []Dataset {
	return []Dataset{
		{clicksDataset, table.Columns[ClickRow]()},
		{ordersDataset, table.Columns[OrderRow]()},
		{conversionsDataset, table.Columns[ConversionRow]()},
		{ledgerDataset, table.Columns[LedgerRow]()},
		{rejectsDataset, table.Columns[RejectRow]()},
	}
}
