package engine

import "adtoorder/io/table"

// Dataset is what the lake holds of one kind of rows.
type Dataset struct {
	Name  string      // of its folder
	Table table.Table // which has the same rows
}

// Datasets lists what a run writes to the lake, for those who register it in a
// catalog.
func Datasets() []Dataset {
	return []Dataset{
		{clicksDataset, TableNamed(clicksTable)},
		{ordersDataset, TableNamed(ordersTable)},
		{conversionsDataset, TableNamed(conversionsTable)},
		{ledgerDataset, TableNamed(ledgerTable)},
		{rejectsDataset, TableNamed(rejectsTable)},
	}
}
