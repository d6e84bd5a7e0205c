package calendar_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPeopleAreUnderstoodWhenTheyNameAProcess(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	both := []string{"oewg-2021", "oewg-2019"}
	for text, want := range map[string][]string{
		"When is the next OEWG session?":        both,
		"the OEWGs":                             both,
		"the oewg’s report":                     both,
		"the OEWG's report":                     both,
		"open-ended working group":              both,
		"the Open‑Ended Working Groups":         both,
		"OEWG 2019-2021":                        {"oewg-2019"},
		"the OEWG (2019–2021)":                  {"oewg-2019"},
		"who chaired the first OEWG":            {"oewg-2019"},
		"the second OEWG":                       {"oewg-2021"},
		"OEWG 2021–2025":                        {"oewg-2021"},
		"the 2021/2025 OEWG":                    {"oewg-2021"},
		"renewed OEWG for 2021-2025":            {"oewg-2021"},
		"the first OEWG and the second OEWG":    {"oewg-2019", "oewg-2021"},
		"OEWG. 2019–2021":                       both,
		"the Global Mechanism":                  {"global-mechanism"},
		"the 'global mechanism'":                {"global-mechanism"},
		"global\nmechanism":                     {"global-mechanism"},
		"GM":                                    {"global-mechanism"},
		"gm everyone":                           nil,
		"GMO":                                   nil,
		"the convention":                        {"cybercrime-convention"},
		"the cybercrime convention":             {"cybercrime-convention"},
		"UN Convention against Cybercrime":      {"cybercrime-convention"},
		"Hanoi Convention":                      {"cybercrime-convention"},
		"the Budapest Convention":               nil,
		"Ad Hoc Committee":                      {"ahc-cybercrime"},
		"the ad-hoc committee":                  {"ahc-cybercrime"},
		"AHC":                                   {"ahc-cybercrime"},
		"sixth GGE":                             {"gge-2019"},
		"the GGE":                               {"gge-2019", "gge-2016", "gge-2014", "gge-2012", "gge-2009", "gge-2004"},
		"GGE 2019/2021":                         {"gge-2019"},
		"PoA":                                   {"poa"},
		"First Committee":                       {"unga-first-committee"},
		"Arria":                                 {"unsc-cyber"},
		"from the OEWG to the Global Mechanism": {"global-mechanism", "oewg-2021", "oewg-2019"},
		"Tell me a joke":                        nil,
		"the gm":                                {"global-mechanism"},
		"the Global Mecanism":                   {"global-mechanism"},
		"the golbal mechanism":                  {"global-mechanism"},
		"Ad Hoc Commmittee":                     {"ahc-cybercrime"},
		"the cybercrime convetion":              {"cybercrime-convention"},
		"open-ended workng group":               both,
		"the contention":                        nil,
		"a conventional mechanism":              nil,
		"the Fifth Committee":                   nil,
		"secind OEWG":                           {"oewg-2021"},
		"Global Mechanics":                      nil,
		"Global Organism":                       nil,
		"":                                      nil,
		"'security' and 'sovereignty'":          nil,
		"What did Nebenzia say about sovereignty in the GOEWGA?": nil,
	} {
		var got []string
		for _, p := range c.Named(text) {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestEveryProcessAnswersToAllItsNames(t *testing.T) {
	t.Parallel()
	c := embedded(t)
	for _, p := range c.Processes() {
		for _, name := range append([]string{p.Short, p.Name}, p.Aliases...) {
			found := false
			for _, got := range c.Named("what about " + name + "?") {
				found = found || got.ID == p.ID
			}
			if !found {
				t.Errorf("%q: got no %s, want it among the named", name, p.ID)
			}
		}
	}
}
