package calendar

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"time"
)

// Holidays are the official holidays of the United Nations at one duty station in
// one year, as far as a source gives them: Withheld says which are missing.
type Holidays struct {
	Fact
	// Station is the duty station's city: "New York", "Geneva", "Vienna".
	Station string
	Year    int
	// Days are in their order.
	Days []Holiday
}

// Holiday is a day on which nobody works.
type Holiday struct {
	Date Date
	Name string
}

// Holidays returns the official holidays of all stations and years, in the order
// of the file.
func (c *Calendar) Holidays() []Holidays {
	out := make([]Holidays, len(c.holidays))
	for i, h := range c.holidays {
		h.Fact = h.clone()
		h.Days = slices.Clone(h.Days)
		out[i] = h
	}
	return out
}

// WorkingDays returns how many days from Monday to Friday there are after at's
// day, up to and with the first day of d, without the official holidays of the
// duty station in city, and the lists of holidays that were counted by. Where the
// city is no duty station, or the years have no list, off is empty and holidays
// count as any other day.
func (c *Calendar) WorkingDays(at time.Time, d Date, city string) (days int, off []Holidays) {
	days = WorkingDaysUntil(at, d)
	if days == 0 {
		return 0, nil
	}
	today, last := day(at), d.First()
	for year := today.Year(); year <= last.Year(); year++ {
		i := slices.IndexFunc(c.holidays, func(h Holidays) bool { return h.Station == city && h.Year == year })
		if i < 0 {
			// A count that leaves out the holidays of one year and not those of
			// the next would be neither.
			return WorkingDaysUntil(at, d), nil
		}
		within := c.holidays[i]
		within.Days = nil
		for _, h := range c.holidays[i].Days {
			if t := h.Date.First(); t.After(today) && !t.After(last) && t.Weekday() != time.Saturday && t.Weekday() != time.Sunday {
				days--
				within.Days = append(within.Days, h)
			}
		}
		off = append(off, within)
	}
	return days, off
}

type holidaysRow struct {
	Fact    factRow           `yaml:",inline"`
	Station string            `yaml:"station"`
	Year    int               `yaml:"year"`
	Days    map[string]string `yaml:"days"`
}

// readHolidays reads holidays.yaml. Files without it are a calendar whose working
// days know no holidays.
func (l *loader) readHolidays() []Holidays {
	const file = "holidays.yaml"
	if _, err := fs.Stat(l.fsys, file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	type stationYear struct {
		station string
		year    int
	}
	seen, listed := map[string]bool{}, map[stationYear]bool{}
	var out []Holidays
	for _, p := range readRows[holidaysRow](l.fsys, file, l.reporter(file)) {
		r, c := p.row, checker{p.line, p.row.Fact.ID, l.reporter(file)}
		c.unique(seen)
		c.need("station", r.Station)
		if listed[stationYear{r.Station, r.Year}] {
			c.fault("%s has a list for %d already", r.Station, r.Year)
		}
		listed[stationYear{r.Station, r.Year}] = true
		h := Holidays{Fact: l.fact(c, r.Fact, reflect.TypeFor[holidaysRow]()), Station: r.Station, Year: r.Year}
		for _, iso := range slices.Sorted(maps.Keys(r.Days)) {
			date := c.date("days", iso)
			if date.Precision() != ToDay || date.Year != r.Year {
				c.fault("days: want days of %d, got %q", r.Year, iso)
			}
			c.need("the name of "+iso, r.Days[iso])
			h.Days = append(h.Days, Holiday{date, r.Days[iso]})
		}
		out = append(out, h)
	}
	slices.SortStableFunc(out, func(a, b Holidays) int {
		return cmp.Or(cmp.Compare(a.Station, b.Station), cmp.Compare(a.Year, b.Year))
	})
	return out
}
