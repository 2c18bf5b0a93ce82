package conversion

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"adtoorder/transforms/event"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// id returns the ID of a name; that of none for "".
func id(name string) event.ID { return event.NewID([]byte(name)) }

func clicksOf(all ...event.Click) (sum Clicks) {
	for _, c := range all {
		sum.Add(c)
	}
	return sum
}

func TestClicksTotal(t *testing.T) {
	a, b, lateA, lateB := event.Click{ID: id("a")}, event.Click{ID: id("b")}, event.Click{ID: id("a"),
		Late: true}, event.Click{ID: id("b"), Late: true}
	none, lateNone := event.Click{}, event.Click{Late: true}
	for name, test := range map[string]struct {
		clicks                  []event.Click
		total, late, duplicates int64
	}{
		"none":                           {nil, 0, 0, 0},
		"ids":                            {[]event.Click{a, b}, 2, 0, 0},
		"an id again":                    {[]event.Click{a, b, a, a}, 2, 0, 2},
		"clicks without an id all count": {[]event.Click{none, none, none}, 3, 0, 0},
		"late ones without an id":        {[]event.Click{none, lateNone, lateNone}, 3, 2, 0},
		"late ids":                       {[]event.Click{a, lateB}, 2, 1, 0},
		"a late id again":                {[]event.Click{lateA, lateA}, 1, 1, 1},
		"an id of which one record is late": {[]event.Click{a, lateA}, 1, 1,
			1},
		"all together": {[]event.Click{a, none, lateA, b, lateNone, b, none, lateB, lateB}, 5, 3, 4},
	} {
		t.Run(name, func(t *testing.T) {
			sum := clicksOf(test.clicks...)
			for range 2 { // asking changes nothing
				total, late, duplicates := totalClicks([]*Clicks{&sum}, &idCounter{})
				assert.Equal(t, []int64{test.total, test.late, test.duplicates}, []int64{total, late, duplicates})
			}
		})
	}
}

func TestOrdersTotal(t *testing.T) {
	v := func(name string, late, booked bool, lines, units, revenue int64) Version {
		return versionOf(id(name), late, booked, lines, units, revenue)
	}
	for name, test := range map[string]struct {
		records    []Version
		want       Sum
		duplicates int64
	}{
		"none": {nil, Sum{}, 0},
		"an order of two lines is one order": {
			[]Version{v("a", false, true, 2, 3, 50)}, sumOf(1, 0, 1, 2, 3, 50), 0},
		"ids": {
			[]Version{v("a", false, true, 1, 1, 10), v("b", true, true, 2, 3, 50)}, sumOf(2, 1, 2, 3, 4, 60), 0},
		"an id again": {
			[]Version{v("a", false, true, 1, 1, 10), v("a", false, true, 1, 1, 10), v("a", false, true, 1, 1, 10)},
			sumOf(1, 0, 1, 1, 1, 10), 2},
		"versions that differ merge by max, one number by one": {
			[]Version{v("a", false, true, 1, 9, 10), v("a", false, true, 2, 3, 50), v("a", false, true, 1, 1, 1)},
			sumOf(1, 0, 1, 2, 9, 50), 2},
		"of which one is late": {
			[]Version{v("a", true, true, 1, 1, 1), v("a", false, true, 1, 1, 1)}, sumOf(1, 1, 1, 1, 1, 1), 1},
		"orders without an id all count": {
			[]Version{v("", false, true, 1, 1, 10), v("", true, true, 1, 1, 10)}, sumOf(2, 1, 2, 2, 2, 20), 0},
		"orders that are booked elsewhere": {
			[]Version{v("a", false, false, 1, 1, 10), v("a", false, false, 1, 1, 10), v("", false, false, 1, 1, 10)},
			sumOf(2, 0, 0, 2, 2, 20), 0},
		"of which one record is booked here": {
			[]Version{v("a", false, false, 1, 1, 10), v("a", false, true, 1, 1, 10), v("a", false, false, 1, 1, 10)},
			sumOf(1, 0, 1, 1, 1, 10), 0},
		"of which two are": {
			[]Version{v("a", false, true, 1, 1, 10), v("a", false, false, 1, 1, 10), v("a", false, true, 1, 1, 10)},
			sumOf(1, 0, 1, 1, 1, 10), 1},
		"sums that 64 bits can't hold": {
			[]Version{v("a", false, true, 1, math.MaxInt64, math.MaxInt64), v("b", false, true, 1, 1, 2),
				v("", false, true, math.MaxInt64, 0, 0), v("", false, true, 1, 1, 1)},
			sumOf(4, 0, 4, math.MaxInt64, math.MaxInt64, math.MaxInt64), 0},
	} {
		t.Run(name, func(t *testing.T) {
			var sum Orders
			for _, r := range test.records {
				part := event.Part{Amounts: event.Amounts{Lines: r.Lines, Units: r.Units,
					RevenueMicros: r.RevenueMicros}}
				sum.Add(event.Order{ID: r.ID, Late: r.Late}, part, r.Booked)
			}
			for range 2 { // asking changes nothing
				got, duplicates := totalOrders([]*Orders{&sum})
				assert.Equal(t, test.want, got)
				assert.Equal(t, test.duplicates, duplicates)
			}
		})
	}
}

// merged cuts records into partial sums at random places, sends them over the
// wire, and receives them in a random order.
func merged[R any](t *testing.T, random *rand.Rand, records []R, add func(Partial, R)) (all joining) {
	records = append([]R(nil), records...)
	random.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	parts := Partials{make([]Partial, 1+random.IntN(8))}
	for i := range parts.Sums {
		parts.Sums[i] = Partial{Clicks: &Clicks{}, Orders: &Orders{}}
	}
	for _, r := range records {
		add(parts.Sums[random.IntN(len(parts.Sums))], r)
	}
	received, err := decodePartials(encodePartials(parts))
	require.NoError(t, err)
	for _, part := range received.Sums {
		all.add(part)
	}
	return all
}

func TestClicksMergeInAnyOrder(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		var records []event.Click
		ids, late := map[string]int64{}, map[string]bool{}
		var anonymous, lateAnonymous int64
		for range random.IntN(60) {
			name := fmt.Sprint(random.IntN(20))
			if random.IntN(4) == 0 {
				name = ""
			}
			c := event.Click{ID: id(name), Late: random.IntN(3) == 0}
			records = append(records, c)
			switch {
			case name != "":
				ids[name]++
				late[name] = late[name] || c.Late
			case c.Late:
				lateAnonymous++
			default:
				anonymous++
			}
		}
		want := [3]int64{anonymous + lateAnonymous + int64(len(ids)), lateAnonymous, 0}
		for name, n := range ids {
			want[1] += one(late[name])
			want[2] += n - 1
		}
		for range 3 {
			all := merged(t, random, records, func(p Partial, c event.Click) { p.Clicks.Add(c) })
			total, lateTotal, duplicates := totalClicks(all.clicks, &idCounter{})
			require.Equal(t, want, [3]int64{total, lateTotal, duplicates}, "seed %d", seed)
		}
	}
}

func TestOrdersMergeInAnyOrder(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 0))
		var records []Version
		versions := map[event.ID]Version{}
		var want Sum
		var duplicates int64
		largest := int64(1) << random.IntN(63) // where sums are too large, too
		for range random.IntN(60) {
			name := fmt.Sprint(random.IntN(20))
			if random.IntN(4) == 0 {
				name = ""
			}
			v := versionOf(id(name), random.IntN(3) == 0, random.IntN(2) == 0, random.Int64N(5), random.Int64N(largest),
				random.Int64N(largest))
			records = append(records, v)
			if name == "" {
				want.add(v)
				continue
			}
			old := versions[v.ID]
			if old.Booked && v.Booked {
				duplicates++
			}
			versions[v.ID] = versionOf(v.ID, old.Late || v.Late, old.Booked || v.Booked,
				max(old.Lines, v.Lines), max(old.Units, v.Units), max(old.RevenueMicros, v.RevenueMicros))
		}
		for _, v := range versions {
			want.add(v)
		}
		for range 3 {
			all := merged(t, random, records, func(p Partial, v Version) {
				p.Orders.Add(event.Order{ID: v.ID, Late: v.Late}, event.Part{Amounts: v.Amounts}, v.Booked)
			})
			got, gotDuplicates := totalOrders(all.orders)
			require.Equal(t, want, got, "seed %d", seed)
			require.Equal(t, duplicates, gotDuplicates, "seed %d", seed)
		}
	}
}

func TestAddUp(t *testing.T) {
	for _, test := range []struct{ a, b, want int64 }{
		{0, 0, 0}, {1, 2, 3}, {math.MaxInt64 - 1, 1, math.MaxInt64}, {math.MaxInt64, 0, math.MaxInt64},
		{math.MaxInt64, 1, math.MaxInt64}, {math.MaxInt64, math.MaxInt64, math.MaxInt64},
	} {
		assert.Equal(t, test.want, event.AddUp(test.a, test.b))
		assert.Equal(t, test.want, event.AddUp(test.b, test.a))
	}
}
