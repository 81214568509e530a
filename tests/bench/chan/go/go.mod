module dlm/bench/chan

go 1.18
