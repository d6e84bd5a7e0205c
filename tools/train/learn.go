package main

import "math"

// rankWeights learns weights under which the right candidate gets the greatest
// share of a softmax over all candidates of its contest (ListNet's top-one
// loss), by Adam over all contests at once.
func rankWeights(contests []contest, features int) []float64 {
	return adam(features, 400, 0.15, func(w, gradient []float64) float64 {
		n := 0.0
		for _, c := range contests {
			if c.right < 0 {
				continue
			}
			n++
			scores := make([]float64, len(c.features))
			most := math.Inf(-1)
			for i, f := range c.features {
				scores[i] = dot(w, f)
				most = math.Max(most, scores[i])
			}
			sum := 0.0
			for i := range scores {
				scores[i] = math.Exp(scores[i] - most)
				sum += scores[i]
			}
			for i, f := range c.features {
				share := scores[i] / sum
				if i == c.right {
					share--
				}
				for k := range f {
					gradient[k] += share * f[k]
				}
			}
		}
		return n
	})
}

// logistic learns weights under which the answerable cases are likely and the
// others are not; both kinds count alike.
func logistic(cases []answerCase, features int) []float64 {
	in := 0.0
	for _, c := range cases {
		if c.answerable {
			in++
		}
	}
	weigh := map[bool]float64{true: 0.5 / in, false: 0.5 / (float64(len(cases)) - in)}
	return adam(features, 800, 0.1, func(w, gradient []float64) float64 {
		for _, c := range cases {
			miss := 1 / (1 + math.Exp(-dot(w, c.signals)))
			if c.answerable {
				miss--
			}
			for k, x := range c.signals {
				gradient[k] += weigh[c.answerable] * miss * x
			}
		}
		return 1
	})
}

// adam minimises by the method of Kingma and Ba (2015) with the whole gradient
// at each step; f adds to the gradient and returns by what to divide it.
func adam(features, steps int, rate float64, f func(w, gradient []float64) float64) []float64 {
	w, m, v := make([]float64, features), make([]float64, features), make([]float64, features)
	for step := 1; step <= steps; step++ {
		gradient := make([]float64, features)
		n := f(w, gradient)
		for k := range w {
			g := gradient[k]/n + 1e-5*w[k]
			m[k] = 0.9*m[k] + 0.1*g
			v[k] = 0.999*v[k] + 0.001*g*g
			mean := m[k] / (1 - math.Pow(0.9, float64(step)))
			spread := v[k] / (1 - math.Pow(0.999, float64(step)))
			w[k] -= rate * mean / (math.Sqrt(spread) + 1e-8)
		}
	}
	return w
}

func dot(w, f []float64) float64 {
	sum := 0.0
	for i := range w {
		sum += w[i] * f[i]
	}
	return sum
}
