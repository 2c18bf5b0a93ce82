package conversion

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"adtoorder/transforms/event"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pieceOf returns a piece by its numbers; the piece's name is its own within the order.
func pieceOf(order, piece string, late, booked bool, lines, units, revenue int64) Piece {
	return Piece{id(order + "/" + piece), versionOf(id(order), late, booked, lines, units, revenue)}
}

func addPiece(to *Orders, p Piece) {
	to.Add(event.Order{ID: p.Version.ID, Piece: p.ID, Late: p.Late}, event.Part{Amounts: p.Amounts}, p.Booked)
}

// Distinct pieces of an order add up, and are one order; those that come again are
// duplicates. An order without an id has no pieces.
func TestPiecesOfOrdersAddUp(t *testing.T) {
	var sum Orders
	for _, p := range []Piece{
		pieceOf("a", "1", false, true, 1, 1, 10), pieceOf("a", "2", true, true, 1, 1, 5),
		pieceOf("a", "3", false, false, 1, 3, 21),
		pieceOf("a", "2", true, true, 1, 2, 4), // another version of it
		pieceOf("b", "1", false, true, 2, 2, 100),
	} {
		addPiece(&sum, p)
	}
	sum.Add(event.Order{Piece: id("x")}, event.Part{Amounts: versionOf(id(""), false, false, 1, 1, 1000).Amounts}, true)
	sum.Add(event.Order{ID: id("c")}, event.Part{Amounts: versionOf(id(""), false, false, 1, 1, 10_000).Amounts}, true)
	got, duplicates := totalOrders([]*Orders{&sum})
	assert.Equal(t, sumOf(4, 1, 5, 7, 10, 11_136), got)
	assert.EqualValues(t, 1, duplicates)
}

func TestPiecesMergeInAnyOrder(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		var records []Piece
		orders := map[event.ID]map[event.ID]Version{}
		var duplicates int64
		for range random.IntN(80) {
			p := pieceOf(fmt.Sprint(random.IntN(5)), fmt.Sprint(random.IntN(4)), random.IntN(5) == 0,
				random.IntN(2) == 0, random.Int64N(5), random.Int64N(9), random.Int64N(99))
			records = append(records, p)
			of := orders[p.Version.ID]
			if of == nil {
				of = map[event.ID]Version{}
				orders[p.Version.ID] = of
			}
			old := of[p.ID]
			if old.Booked && p.Booked {
				duplicates++
			}
			of[p.ID] = versionOf(p.Version.ID, old.Late || p.Late, old.Booked || p.Booked,
				max(old.Lines, p.Lines), max(old.Units, p.Units), max(old.RevenueMicros, p.RevenueMicros))
		}
		var want Sum
		for _, pieces := range orders {
			late := false
			for _, v := range pieces {
				late = late || v.Late
				want.Booked += one(v.Booked)
				want.Amounts.Add(v.Amounts)
			}
			want.Orders++
			want.LateOrders += one(late)
		}
		for range 3 {
			all := merged(t, random, records, func(to Partial, p Piece) { addPiece(to.Orders, p) })
			got, gotDuplicates := totalOrders(all.orders)
			require.Equal(t, want, got, "seed %d", seed)
			require.Equal(t, duplicates, gotDuplicates, "seed %d", seed)
		}
	}
}
