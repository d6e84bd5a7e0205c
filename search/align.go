package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// alignment lays the words of a claim along a stretch [from, to) of the record.
type alignment struct {
	from, to int
	same     int    // words that agree
	cost     int    // words inserted and deleted
	steps    []byte // 'e' both, 'd' the record's word, 'i' the claim's word
}

// align finds the stretch of text that the words are nearest to: an edit
// distance over words (insert and delete) in which the text before and after
// costs nothing.
func align(text, words []unit) alignment {
	n, m := len(text), len(words)
	if n == 0 || m == 0 {
		return alignment{}
	}
	width := m + 1
	cost := make([]int32, (n+1)*width)
	for j := range m + 1 {
		cost[j] = int32(j) //nolint:gosec // a claim has at most mostWords words
	}
	for i := 1; i <= n; i++ {
		for j := 1; j <= m; j++ {
			least := min(cost[(i-1)*width+j], cost[i*width+j-1]) + 1
			if text[i-1].form == words[j-1].form {
				least = min(least, cost[(i-1)*width+j-1])
			}
			cost[i*width+j] = least
		}
	}
	end := 0
	for i := range n + 1 {
		if cost[i*width+m] < cost[end*width+m] {
			end = i
		}
	}
	a := alignment{to: end, cost: int(cost[end*width+m])}
	i, j := end, m
	for j > 0 {
		switch here := cost[i*width+j]; {
		case i > 0 && text[i-1].form == words[j-1].form && here == cost[(i-1)*width+j-1]:
			a.steps = append(a.steps, 'e')
			a.same++
			i, j = i-1, j-1
		case i > 0 && here == cost[(i-1)*width+j]+1:
			a.steps = append(a.steps, 'd')
			i--
		default:
			a.steps = append(a.steps, 'i')
			j--
		}
	}
	a.from = i
	slices.Reverse(a.steps)
	for len(a.steps) > 0 && a.steps[len(a.steps)-1] == 'd' { // words after the claim's end
		a.steps = a.steps[:len(a.steps)-1]
		a.to--
		a.cost--
	}
	return a
}

// difference writes an alignment as edits, and names the kinds of change that
// carry meaning.
func difference(t source, claim string, words []unit, a alignment) (edits []Edit, alarm []string) {
	i, j := a.from, 0
	add := func(op, word string) {
		if n := len(edits); n > 0 && edits[n-1].Op == op {
			edits[n-1].Text += " " + word
			return
		}
		edits = append(edits, Edit{op, word})
	}
	raise := func(word string, first bool) {
		for _, kind := range meaning(word, first) {
			if !slices.Contains(alarm, kind) {
				alarm = append(alarm, kind)
			}
		}
	}
	for _, step := range a.steps {
		switch step {
		case 'e':
			add("equal", t.passage.Text[t.units[i].from:t.units[i].to])
			i, j = i+1, j+1
		case 'd':
			word := t.passage.Text[t.units[i].from:t.units[i].to]
			add("delete", word)
			raise(word, startsAt(t.passage.Text, t.units[i].from))
			i++
		case 'i':
			word := claim[words[j].from:words[j].to]
			add("insert", word)
			raise(word, startsAt(claim, words[j].from))
			j++
		}
	}
	slices.Sort(alarm)
	return edits, alarm
}

// startsAt says whether a sentence starts at an offset, where a capital means
// nothing.
func startsAt(text string, at int) bool {
	before := strings.TrimRight(text[:at], " \t\n\"'“”«»‘’(")
	return before == "" || strings.ContainsAny(before[len(before)-1:], ".!?:")
}

// meaning names the kinds of change that a changed word makes.
func meaning(word string, first bool) []string {
	lower := strings.ToLower(strings.ReplaceAll(word, "’", "'"))
	var kinds []string
	for kind, list := range map[string]string{"negation": negations, "modal": modals, "number": numbers, "date": dates} {
		if strings.Contains(list, " "+lower+" ") {
			kinds = append(kinds, kind)
		}
	}
	if strings.HasSuffix(lower, "n't") && !slices.Contains(kinds, "negation") {
		kinds = append(kinds, "negation")
	}
	if strings.ContainsFunc(lower, unicode.IsDigit) {
		kinds = append(kinds, "number")
		if timeForm.MatchString(lower) {
			kinds = append(kinds, "date")
		}
	}
	if r, _ := utf8.DecodeRuneInString(word); unicode.IsUpper(r) && !first && !slices.Contains(kinds, "date") {
		kinds = append(kinds, "name")
	}
	return kinds
}

// Words whose change changes the meaning, in the six official languages:
// English, French, Spanish, Russian, Arabic, Chinese.
const (
	negations = " not no never none nor neither without cannot nothing nobody hardly" +
		" ne n' pas jamais aucun aucune sans ni non rien nunca jamás sin ningún ninguna ninguno tampoco" +
		" не нет ни никогда без нельзя никто ничто لا ليس ليست لن لم دون غير بدون 不 没 沒 无 無 未 非 勿 "
	modals = " shall should may must can could might will would ought need" +
		" doit doivent devrait devraient peut peuvent pourrait pourraient faut" +
		" debe deben debería deberían puede pueden podría podrían" +
		" должен должна должно должны может могут мог обязан обязаны следует можно нужно" +
		" يجب ينبغي يمكن قد سوف 必 须 須 应 應 可 能 会 會 当 當 "
	numbers = " one two three four five six seven eight nine ten eleven twelve dozen hundred thousand million billion half all some few many most both" +
		" un deux trois quatre cinq sept huit neuf dix cent mille tous dos tres cuatro cinco seis siete ocho nueve diez cien mil todos" +
		" один два три четыре пять шесть семь восемь девять десять сто тысяча все واحد اثنان ثلاثة أربعة خمسة عشرة مئة ألف كل 一 二 三 四 五 六 七 八 九 十 百 千 万 萬 "
	dates = " january february march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday" +
		" janvier février mars avril mai juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre" +
		" января февраля марта апреля мая июня июля августа сентября октября ноября декабря يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر 年 月 日 "
)
