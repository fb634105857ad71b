<?php
/**
 * When to try again.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * How long an event waits after a try that failed, and when it is given up. Knows nothing of WordPress.
 */
final class MCI_Backoff {

	/**
	 * Seconds after the first, second… failed try; the last one repeats.
	 */
	const WAITS = array( 60, 300, 900, 3600 );

	/**
	 * After so many seconds without success an event is failed: a person must look.
	 */
	const GIVE_UP = 7 * 86400;

	/**
	 * Seconds until the next try.
	 *
	 * @param int $attempt     Which try has just failed, from 1.
	 * @param int $retry_after What the other side asked for, in seconds; 0: nothing.
	 * @return int
	 */
	public static function wait( $attempt, $retry_after = 0 ) {
		$last = count( self::WAITS ) - 1;
		$own  = self::WAITS[ min( max( $attempt, 1 ) - 1, $last ) ];
		return max( $own, min( $retry_after, self::WAITS[ $last ] ) );
	}

	/**
	 * Whether an event has waited too long.
	 *
	 * @param int $waiting_since Seconds since 1970.
	 * @param int $now           Seconds since 1970.
	 * @return bool
	 */
	public static function is_over( $waiting_since, $now ) {
		return $now - $waiting_since >= self::GIVE_UP;
	}
}
