package store

// FollowCaller lets leases count by the times that a test gives, on PostgreSQL too.
func (s *Store) FollowCaller() { s.followCaller = true }
