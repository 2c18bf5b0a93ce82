package engine

import "adtoorder/io/lake"

// Datasets lists what a run writes to the lake, for those who register it in a
// catalog.
func Datasets() []lake.Dataset {
	return []lake.Dataset{
		lake.Of[ClickRow](clicksDataset, TableNamed(clicksTable)),
		lake.Of[OrderRow](ordersDataset, TableNamed(ordersTable)),
		lake.Of[ConversionRow](conversionsDataset, TableNamed(conversionsTable)),
		lake.Of[LedgerRow](ledgerDataset, TableNamed(ledgerTable)),
		lake.Of[RejectRow](rejectsDataset, TableNamed(rejectsTable)),
	}
}
