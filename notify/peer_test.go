package notify_test

// peer is filled in below.
func peer(string) {}
