package calendar

import (
	"fmt"
	"maps"
	"slices"
	"time"

	ics "github.com/arran4/golang-ical"
)

// zoneOf returns the time zone of a city where the United Nations meet; empty for
// any other place.
func zoneOf(city string) string {
	switch city {
	case "New York":
		return "America/New_York"
	case "Geneva":
		return "Europe/Zurich"
	case "Vienna":
		return "Europe/Vienna"
	}
	return ""
}

// zoneUse is for which years a file needs the rules of which zones.
type zoneUse map[string][2]int

func (z zoneUse) add(city string, start, end Date) {
	name := zoneOf(city)
	if name == "" {
		return
	}
	years, used := z[name]
	if !used {
		years = [2]int{start.Year, end.Year}
	}
	z[name] = [2]int{min(years[0], start.Year), max(years[1], end.Year, start.Year)}
}

// components returns a VTIMEZONE for each zone, with an observance for each change
// of the clocks in its years. They are written one by one and not as a rule: what
// the clocks did is a fact, how the rule goes on is not.
func (z zoneUse) components() []*ics.VTimezone {
	var out []*ics.VTimezone
	for _, name := range slices.Sorted(maps.Keys(z)) {
		location, err := time.LoadLocation(name)
		if err != nil {
			continue // the program has no zones: the days stand without them
		}
		zone := ics.NewTimezone(name)
		until := time.Date(z[name][1]+1, time.January, 1, 0, 0, 0, 0, location)
		for t := time.Date(z[name][0], time.January, 1, 0, 0, 0, 0, location); !t.IsZero() && t.Before(until); {
			start, end := t.ZoneBounds()
			zone.Components = append(zone.Components, observance(t, start))
			t = end
		}
		out = append(out, zone)
	}
	return out
}

// observance tells what the clocks show from start on.
func observance(t, start time.Time) ics.Component {
	name, to := t.Zone()
	from := to
	if !start.IsZero() {
		_, from = start.Add(-time.Second).Zone()
	} else {
		start = time.Date(1970, time.January, 1, 0, 0, 0, 0, t.Location())
	}
	set := func(c interface {
		SetProperty(ics.ComponentProperty, string, ...ics.PropertyParameter)
	},
	) {
		// The instant of the change as the clocks showed it before.
		c.SetProperty(ics.ComponentPropertyDtStart, start.UTC().Add(time.Duration(from)*time.Second).Format("20060102T150405"))
		c.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), offset(from))
		c.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), offset(to))
		c.SetProperty(ics.ComponentProperty(ics.PropertyTzname), name)
	}
	if t.IsDST() {
		d := &ics.Daylight{}
		set(d)
		return d
	}
	s := ics.NewStandard()
	set(s)
	return s
}

// offset writes "-0500".
func offset(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("%s%02d%02d", sign, seconds/3600, seconds/60%60)
}
