// Go's channels doing what ../subjects/dlm.ts does. Run by ../main.ts with -bench . -cpu 1.
package chanbench

import (
	"sync"
	"testing"
)

const capacity = 128

func produce(out chan<- int, count int) {
	for i := 0; i < count; i++ {
		out <- i
	}
	close(out)
}

func BenchmarkUnbuffered(b *testing.B) {
	numbers := make(chan int)
	go produce(numbers, b.N)
	for range numbers {
	}
}

func BenchmarkPingPong(b *testing.B) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for ball := range ping {
			pong <- ball
		}
	}()
	for i := 0; i < b.N; i++ {
		ping <- i
		<-pong
	}
	close(ping)
}

func BenchmarkBuffered(b *testing.B) {
	numbers := make(chan int, capacity)
	go produce(numbers, b.N)
	for range numbers {
	}
}

func BenchmarkSelectTwo(b *testing.B) {
	even, odd := make(chan int), make(chan int)
	go func() {
		for i := 0; i < b.N; i++ {
			if i%2 == 0 {
				even <- i
			} else {
				odd <- i
			}
		}
	}()
	for i := 0; i < b.N; i++ {
		select {
		case <-even:
		case <-odd:
		}
	}
}

func BenchmarkManyToMany(b *testing.B) {
	numbers := make(chan int, capacity)
	var producers, consumers sync.WaitGroup
	for loop := 0; loop < 8; loop++ {
		producers.Add(1)
		consumers.Add(1)
		go func() {
			for i := 0; i < b.N/8; i++ {
				numbers <- i
			}
			producers.Done()
		}()
		go func() {
			for range numbers {
			}
			consumers.Done()
		}()
	}
	producers.Wait()
	close(numbers)
	consumers.Wait()
}

// The 200th prime.
const last = 1223

func BenchmarkSieve(b *testing.B) {
	for n := 0; n < b.N; n++ {
		source := make(chan int)
		go func() {
			for i := 2; i <= last; i++ {
				source <- i
			}
			close(source)
		}()
		input := source
		for prime := 0; prime != last; {
			prime = <-input
			output := make(chan int)
			go func(input <-chan int, output chan<- int, prime int) {
				for i := range input {
					if i%prime != 0 {
						output <- i
					}
				}
				close(output)
			}(input, output, prime)
			input = output
		}
		<-input
	}
}

func BenchmarkSieveWithStop(b *testing.B) {
	for n := 0; n < b.N; n++ {
		stop := make(chan struct{})
		source := make(chan int)
		go func() {
			for i := 2; ; i++ {
				select {
				case source <- i:
				case <-stop:
					return
				}
			}
		}()
		input := source
		for prime := 0; prime != last; {
			prime = <-input
			output := make(chan int)
			go func(input <-chan int, output chan<- int, prime int) {
				for {
					select {
					case i := <-input:
						if i%prime == 0 {
							continue
						}
						select {
						case output <- i:
						case <-stop:
							return
						}
					case <-stop:
						return
					}
				}
			}(input, output, prime)
			input = output
		}
		close(stop)
	}
}
