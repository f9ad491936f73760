"""Problems that evolve: separation of space and time, and marching through slabs of time."""
