package digest_test

import (
	"strings"
	"testing"

	"rapporteur/digest"
)

// TestAZoneThatIsNoneNamesTheOneThatIsMeant names cities, of one word and of
// several, and what no zone is like.
func TestAZoneThatIsNoneNamesTheOneThatIsMeant(t *testing.T) {
	t.Parallel()
	const (
		plain  = "; write it as in Europe/Zurich, America/New_York or UTC"
		offset = " is an offset and no time zone, for it does not know when clocks change; zones are named by places, such as Europe/Zurich, America/New_York or Asia/Tokyo"
	)
	for _, c := range []struct{ zone, want string }{
		{"New York", `there is no time zone "New York"; did you mean America/New_York?`},
		{"new york lang:fr", `there is no time zone "new york"; did you mean America/New_York?`},
		{"Rio de Janeiro", `"Rio de Janeiro"; did you mean America/Sao_Paulo?`},
		{"The Hague please", `"The Hague"; did you mean Europe/Amsterdam?`},
		{"Washington, D.C.", `did you mean America/New_York?`},
		{"Washington D.C. USA", `did you mean America/New_York?`},
		{"New Yrok", `"New Yrok"; did you mean America/New_York?`},
		{"Geneva please", `"Geneva"; did you mean Europe/Zurich?`},
		{"Geneva", `"Geneva"; did you mean Europe/Zurich?`},
		{"Asia/Bejing", `"Asia/Bejing"; did you mean Asia/Shanghai?`},
		{"Bejing", `did you mean Asia/Shanghai?`},
		{"Züric", `did you mean Europe/Zurich?`},
		{"Munchen", `did you mean Europe/Berlin?`},
		{"Zurihc", `did you mean Europe/Zurich?`},
		{"PARIS", `did you mean Europe/Paris?`},
		{"EST", `did you mean America/New_York?`},
		{"GMT+1", `"GMT+1"` + offset},
		{"gmt-5", `"gmt-5"` + offset},
		{"UTC+02:00", `"UTC+02:00"` + offset},
		{"+0530 lang:fr", `"+0530"` + offset},
		{"AEST", `"AEST"` + plain},
		{"ACWST", `"ACWST"` + plain},
		{"北京", `"北京"` + plain},
		{"上海市", `"上海市"` + plain},
		{"Москва", `"Москва"` + plain},
		{"القاهرة", `"القاهرة"` + plain},
		{"Mars Base One", `"Mars"` + plain},
		{"GMT1", `"GMT1"` + plain},
	} {
		_, err := digest.ParsePhrase("digest daily 08:00 " + c.zone)
		if err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.zone, err, c.want)
		}
	}
	for _, zone := range []string{"Etc/GMT-1", "america/new_york", "UTC", "GMT"} {
		if _, err := digest.ParsePhrase("digest daily 08:00 " + zone); err != nil {
			t.Errorf("%s: got %v", zone, err)
		}
	}
}
