<?php
/**
 * What an answer of MCI means for the event that was sent.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * One of four outcomes, with its reason. Knows nothing of WordPress.
 */
final class MCI_Verdict {

	const TAKEN   = 'taken';   // It is in MCI's database.
	const STOP    = 'stop';    // MCI does not know this shop any more: send nothing until a person looks.
	const GIVE_UP = 'give_up'; // This event will never be taken.
	const AGAIN   = 'again';   // Later.

	/**
	 * Beginning of the reasons that are about MCI, not about this event.
	 */
	const AWAY = 'away';

	/**
	 * One of the constants.
	 *
	 * @var string
	 */
	public $kind;

	/**
	 * A word for the status page: `http_503`, `away`, `too_large`…
	 *
	 * @var string
	 */
	public $reason;

	/**
	 * Seconds that MCI asked to wait.
	 *
	 * @var int
	 */
	public $retry_after;

	/**
	 * Constructor.
	 *
	 * @param string $kind        One of the constants.
	 * @param string $reason      A word for the status page.
	 * @param int    $retry_after Seconds that MCI asked to wait.
	 */
	public function __construct( $kind, $reason = '', $retry_after = 0 ) {
		$this->kind        = $kind;
		$this->reason      = $reason;
		$this->retry_after = $retry_after;
	}

	/**
	 * The verdict on an HTTP answer.
	 *
	 * @param int    $status      HTTP status; 0: there was no answer.
	 * @param string $retry_after The header as it came.
	 * @return MCI_Verdict
	 */
	public static function of( $status, $retry_after = '' ) {
		$wait = 1 === preg_match( '/\A[0-9]{1,6}\z/', $retry_after ) ? (int) $retry_after : 0;
		if ( $status >= 200 && $status < 300 ) {
			return new self( self::TAKEN );
		}
		if ( 401 === $status || 410 === $status ) {
			return new self( self::STOP, (string) $status );
		}
		if ( 413 === $status ) {
			return new self( self::GIVE_UP, 'too_large' );
		}
		if ( 0 === $status ) {
			return new self( self::AGAIN, self::AWAY );
		}
		if ( 429 === $status || $status >= 500 ) {
			return new self( self::AGAIN, self::AWAY . '_' . $status, $wait );
		}
		return new self( self::AGAIN, 'http_' . $status, $wait );
	}

	/**
	 * Whether it was MCI that could not, rather than this event that was refused.
	 *
	 * @return bool
	 */
	public function is_away() {
		return self::AGAIN === $this->kind && 0 === strpos( $this->reason, self::AWAY );
	}
}
