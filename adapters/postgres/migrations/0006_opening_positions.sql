COMMENT ON COLUMN positions.kind IS 'split, dividend, correction, financing, borrow, settlement or opening (held before the run).';
