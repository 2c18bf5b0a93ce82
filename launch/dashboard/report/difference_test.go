package report

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"adtoorder/launch/dashboard/query"

	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/stat/distuv"
)

func TestTwoPromotions(t *testing.T) {
	e := query.Extract{Days: []query.Day{day("2026-11-01", "A", 1000, 100), day("2026-11-01", "B", 1000, 130)}}
	assert.Equal(t, []string{"“B” has 13.00 % (11.06 % to 15.23 %), “A” has 10.00 % (8.29 % " +
		"to 12.02 %): the difference " +
		"is beyond chance (p = 0.042)."}, say(e, t, "")["standing"])
	e.Days[1].Orders = 120
	assert.Contains(t, say(e, t, "")["standing"][0], "the difference may be chance (p = 0.174).")
	assert.Equal(t, []string{"What is shown differs from the others no more than by chance " +
		"(2 with at least 30 clicks " +
		"compared)."}, say(e, t, "promotion=A")["standing"])
	e.Days = e.Days[:1]
	assert.Empty(t, say(e, t, "")["standing"], "nothing to compare with")
}

func TestStandingAmongMany(t *testing.T) {
	e := query.Extract{Days: []query.Day{day("2026-11-01", "lucky", 5, 5), day("2026-11-01", "over", 50, 60)}}
	for i := range 40 {
		e.Days = append(e.Days, day("2026-11-01", fmt.Sprint("P", i), 1000, 80+int64(i%5)))
	}
	assert.Equal(t, []string{"No promotion differs from the others by more than chance (40 with at least 30 clicks " +
		"compared)."}, say(e, t, "")["standing"])
	for i, orders := range []int64{200, 190, 180, 170} {
		e.Days[2+i].Orders, e.Days[20+i].Orders = orders, 10+int64(i)
	}
	assert.Equal(t, []string{"Better than the others, beyond chance: “P0” with 20.00 % " +
		"(17.64 % to 22.59 %), “P1” with " +
		"19.00 % (16.69 % to 21.55 %), “P2” with 18.00 % (15.74 % to 20.50 %) and 1 more. " +
		"Worse than the others, beyond " +
		"chance: “P18” with 1.00 % (0.54 % to 1.83 %), “P19” with 1.10 % (0.62 % to 1.96 %), " +
		"“P20” with 1.20 % (0.69 % to " +
		"2.09 %) and 1 more (40 with at least 30 clicks compared; 1 in 20 of those called so may be chance)."},
		say(e, t, "")["standing"])
	assert.Equal(t, []string{"Worse than the others, beyond chance: “P18” with 1.00 % (0.54 % to 1.83 %) (40 with at " +
		"least 30 clicks compared; 1 in 20 of those called so may be chance)."}, say(e, t, "promotion=P18")["standing"])
}

// A promotion of few clicks is drawn to what all have, and no longer leads for luck.
func TestRatiosAreDrawnToWhatAllHave(t *testing.T) {
	e := query.Extract{Days: []query.Day{day("2026-11-01", "lucky", 40, 9), day("2026-11-01", "over", 50, 60),
		day("2026-11-01", "none", 0, 1)}}
	for i := range 20 {
		e.Days = append(e.Days, day("2026-11-01", fmt.Sprint("P", i), 10_000, 800+10*int64(i)))
	}
	r := New(e, parse(t, ""), now)
	assert.Equal(t, "P19", r.Promotions[0].Name)
	assert.Equal(t, []string{"over", "none"}, names(r)[len(r.Promotions)-2:], "they are no shares of clicks")
	for _, p := range r.Promotions {
		switch p.Name {
		case "over", "none":
			assert.Nil(t, p.Shrunk)
			assert.Nil(t, p.Chance)
		case "lucky":
			assert.InDelta(t, 22.5, *p.Ratio, 1e-9)
			assert.Less(t, *p.Shrunk, 10.0)
			fallthrough
		default:
			assert.True(t, *p.ShrunkLow < *p.Shrunk && *p.Shrunk < *p.ShrunkHigh)
		}
	}
	alone := New(e, parse(t, "promotion=lucky"), now).Promotions[0]
	assert.Less(t, *alone.Shrunk, 10.0, "what is not shown counts all the same")
}

func TestChanges(t *testing.T) {
	e := query.Extract{Days: []query.Day{
		day("2026-11-01", "P", 9, 9), day("2026-11-02", "A", 1000, 100), day("2026-11-02", "B", 1000, 100),
		day("2026-11-02", "few", 3, 3),
		day("2026-11-05", "A", 1000, 160), day("2026-11-05", "B", 1000, 110), day("2026-11-05", "few", 3, 0),
		day("2026-11-05", "new", 1000, 500)}}
	assert.Equal(t, []string{"On 2026-11-05 against 2026-11-01 to 2026-11-02, beyond chance: “A” with 16.00 % after " +
		"10.00 % (p below 0.001) (2 compared; 1 in 20 of those called so may be chance)."}, say(e, t, "")["change"])
	none := "On 2026-11-05 against 2026-11-01 to 2026-11-02, no ratio shown differs by more than chance (2 compared)."
	assert.Equal(t, []string{none}, say(e, t, "promotion=B")["change"])
	e.Days[4].Orders = 125
	assert.Equal(t, []string{none}, say(e, t, "")["change"])
	assert.Contains(t, say(e, t, "from=2026-11-02")["change"][0], "On 2026-11-05 against 2026-11-02, no ratio")
	assert.Empty(t, say(e, t, "from=2026-11-05")["change"], "one date alone")
	assert.Empty(t, say(e, t, "promotion=none")["change"])
}

// A day that is not over is told apart, and not compared.
func TestTheDaySoFar(t *testing.T) {
	e := query.Extract{Days: []query.Day{day("2026-11-23", "A", 1000, 100), day("2026-11-24", "A", 1000, 100),
		day("2026-11-25", "A", 500, 5)}, Window: time.Minute, Newest: now.Add(-time.Minute)}
	for name, partitions := range map[string][]query.Partition{
		"live":     {{Watermark: now, UpdatedAt: now}},
		"finished": nil,
	} {
		t.Run(name, func(t *testing.T) {
			e.Partitions = partitions
			got := say(e, t, "")
			assert.Equal(t, []string{"2026-11-25 so far: 500 clicks and 5 orders, 1.00 %; a " +
				"part of a day is not compared " +
				"with whole ones."}, got["today"])
			assert.Contains(t, got["change"][0], "On 2026-11-24 against 2026-11-23, no ratio shown differs")
		})
	}
	e.Newest, e.Partitions = now.Add(11*time.Hour+30*time.Minute), nil
	assert.Empty(t, say(e, t, "")["today"], "input that reaches the last hour has the whole day")
	assert.Contains(t, say(e, t, "")["change"][0], "On 2026-11-25 against 2026-11-23 to 2026-11-24, beyond chance: “A”")
}

// drawn is a page of two dates of promotions with the same ratio on both, but for some.
func drawn(random *rand.Rand, promotions int, ratio func(promotion, date int) float64) query.Extract {
	var e query.Extract
	clicks := make([]float64, promotions)
	for i := range clicks {
		clicks[i] = float64(50 + random.IntN(2000))
	}
	for date := range 2 {
		for i, n := range clicks {
			orders := distuv.Binomial{N: n, P: ratio(i, date), Src: random}.Rand()
			e.Days = append(e.Days, day(fmt.Sprint("2026-11-0", 1+date), fmt.Sprintf("P%04d", i), int64(n),
				int64(orders)))
		}
	}
	return e
}

// Where nothing differs, a page says that something does in at most 5 % of cases, sentence by
// sentence.
func TestEqualPromotionsAreCalledEqual(t *testing.T) {
	const pages = 2000
	for _, promotions := range []int{2, 10, 40, 1000} {
		t.Run(fmt.Sprint(promotions), func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, uint64(promotions)))
			claims := map[string]int{}
			for range pages {
				e := drawn(random, promotions, func(int, int) float64 { return 0.08 })
				for kind, texts := range say(e, t, "from=2026-11-01") {
					if strings.Contains(texts[0], "beyond chance") {
						claims[kind]++
					}
				}
			}
			for kind, n := range claims {
				assert.LessOrEqual(t, n, pages*5/100, "%s: %d of %d pages", kind, n, pages)
			}
			t.Log(claims)
		})
	}
}

// What differs is found, and of what is called different at most 5 % are not.
func TestPlantedDifferencesAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	const pages, promotions, planted = 100, 200, 10
	found, broken, wrong, changed, unchanged := 0, 0, 0, 0, 0
	for range pages {
		e := drawn(random, promotions, func(promotion, date int) float64 {
			switch {
			case promotion < planted:
				return 0.16
			case promotion < 2*planted:
				return 0.02
			case promotion < 3*planted && date == 1:
				return 0.03 // it broke on the second date
			}
			return 0.08
		})
		for _, p := range New(e, parse(t, "from=2026-11-01"), now).Promotions {
			i := 0
			fmt.Sscanf(p.Name, "P%d", &i)
			switch {
			case p.Verdict == Better && i < planted, p.Verdict == Worse && i >= planted && i < 2*planted:
				found++
			case p.Verdict == Worse && i >= 2*planted && i < 3*planted: // over both dates, it is
				broken++
			case p.Verdict != "":
				wrong++
			}
		}
		for _, c := range New(e, parse(t, "from=2026-11-01"), now).lastDay.beyond {
			i := 0
			fmt.Sscanf(c.name, "P%d", &i)
			if i >= 2*planted && i < 3*planted {
				changed++
			} else {
				unchanged++
			}
		}
	}
	assert.Greater(t, found, pages*2*planted*85/100)
	assert.Less(t, wrong, (found+broken+wrong)*5/100)
	assert.Greater(t, changed, pages*planted*70/100)
	assert.Less(t, unchanged, (changed+unchanged)*5/100)
	t.Logf("%d of %d found, %d wrong; %d of %d changes, %d wrong", found, pages*2*planted, wrong, changed,
		pages*planted, unchanged)
}
