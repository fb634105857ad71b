<?php
/**
 * One call of MCI, read strictly.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * The body of a call and its arguments by type. What does not fit is refused, never guessed. Knows nothing of WordPress.
 */
final class MCI_Call {

	const UUID = '/\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z/';

	/**
	 * What is asked.
	 *
	 * @var string
	 */
	public $op;

	/**
	 * UUID of the call.
	 *
	 * @var string
	 */
	public $id;

	/**
	 * The body.
	 *
	 * @var array<string,mixed>
	 */
	private $data;

	/**
	 * Constructor.
	 *
	 * @param array<string,mixed> $data The body.
	 */
	public function __construct( array $data ) {
		$this->data = $data;
		$this->op   = $this->text( 'op', 40 );
		$this->id   = $this->text( 'call', 36 );
	}

	/**
	 * Reads a body whose signature was found right.
	 *
	 * @param string $body   The bytes.
	 * @param string $header X-MCI-Id as it came: it is not signed, so it must be what the body says.
	 * @return MCI_Call
	 * @throws MCI_Refusal What cannot be read.
	 */
	public static function read( $body, $header ) {
		$data = json_decode( $body, true, 32 );
		if ( ! is_array( $data ) ) {
			throw new MCI_Refusal( 400, 'bad_request', 'JSON' );
		}
		$call = new self( $data );
		if ( 1 !== preg_match( self::UUID, $call->id ) || strtolower( $header ) !== $call->id ) {
			$call->id = '';
			throw new MCI_Refusal( 400, 'bad_request', 'call' );
		}
		return $call;
	}

	/**
	 * A whole number.
	 *
	 * @param string $name The argument.
	 * @param int    $min  The least.
	 * @param int    $max  The most.
	 * @return int
	 * @throws MCI_Refusal What is none.
	 */
	public function number( $name, $min = 0, $max = PHP_INT_MAX ) {
		$value = isset( $this->data[ $name ] ) ? $this->data[ $name ] : null;
		if ( ! is_int( $value ) || $value < $min || $value > $max ) {
			throw new MCI_Refusal( 400, 'bad_request', $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return $value;
	}

	/**
	 * A text; what is absent is "".
	 *
	 * @param string $name The argument.
	 * @param int    $max  Its greatest length in bytes.
	 * @return string
	 * @throws MCI_Refusal What is none.
	 */
	public function text( $name, $max ) {
		$value = isset( $this->data[ $name ] ) ? $this->data[ $name ] : '';
		if ( ! is_string( $value ) || strlen( $value ) > $max ) {
			throw new MCI_Refusal( 400, 'bad_request', $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return $value;
	}

	/**
	 * A yes or no.
	 *
	 * @param string $name The argument.
	 * @return bool
	 * @throws MCI_Refusal What is none.
	 */
	public function flag( $name ) {
		$value = isset( $this->data[ $name ] ) ? $this->data[ $name ] : false;
		if ( ! is_bool( $value ) ) {
			throw new MCI_Refusal( 400, 'bad_request', $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return $value;
	}

	/**
	 * A time, as the database writes it (UTC).
	 *
	 * @param string $name The argument.
	 * @return string
	 * @throws MCI_Refusal What is none.
	 */
	public function time( $name ) {
		$value = $this->text( $name, 20 );
		if ( 1 !== preg_match( '/\A(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z\z/', $value, $found ) ) {
			throw new MCI_Refusal( 400, 'bad_request', $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return $found[1] . ' ' . $found[2];
	}

	/**
	 * A list.
	 *
	 * @param string $name The argument.
	 * @param int    $most How many there may be.
	 * @return array<int,mixed>
	 * @throws MCI_Refusal What is none, or is too long.
	 */
	public function rows( $name, $most ) {
		$rows = isset( $this->data[ $name ] ) ? $this->data[ $name ] : null;
		if ( ! is_array( $rows ) || array_keys( $rows ) !== array_keys( array_values( $rows ) ) ) {
			throw new MCI_Refusal( 400, 'bad_request', $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		if ( count( $rows ) > $most ) {
			throw new MCI_Refusal( 413, 'too_many', $name ); // phpcs:ignore WordPress.Security.EscapeOutput.ExceptionNotEscaped -- goes out as JSON.
		}
		return $rows;
	}

	/**
	 * Whether a value is an amount of money as the protocol writes it.
	 *
	 * @param mixed $value What came.
	 * @return bool
	 */
	public static function is_money( $value ) {
		return is_string( $value ) && 1 === preg_match( '/\A\d{1,7}(?:\.\d{1,2})?\z/', $value );
	}
}
